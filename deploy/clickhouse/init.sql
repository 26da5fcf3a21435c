-- yagura makes its tables itself, in this database.
CREATE DATABASE IF NOT EXISTS yagura
