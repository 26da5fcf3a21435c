package console

import "net/http"

type pages struct{}

func parsePages(Config) (map[string]*pages, error)                      { return nil, nil }
func serveAsset(w http.ResponseWriter, r *http.Request)                 {}
func (c *Console) loginPage(w http.ResponseWriter, r *http.Request)     {}
func (c *Console) login(w http.ResponseWriter, r *http.Request)         {}
func (c *Console) logout(w http.ResponseWriter, r *http.Request)        {}
func (c *Console) overview(w http.ResponseWriter, r *http.Request)      {}
func (c *Console) searchPage(w http.ResponseWriter, r *http.Request)    {}
func (c *Console) incidentsPage(w http.ResponseWriter, r *http.Request) {}
func (c *Console) incidentPage(w http.ResponseWriter, r *http.Request)  {}
func (c *Console) incidentForm(w http.ResponseWriter, r *http.Request)  {}
func (c *Console) missingPage(w http.ResponseWriter, r *http.Request)   {}
