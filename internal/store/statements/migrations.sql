SELECT DISTINCT number FROM schema_migrations ORDER BY number
