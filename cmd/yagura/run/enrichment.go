package run

import (
	"fmt"
	"os"

	"yagura/cmd/yagura/config"
	"yagura/ingest/enrich"
)

// enrichment turns the configuration into the enricher's, reading assets.csv.
func enrichment(cfg config.Config) (enrich.Config, error) {
	var ec enrich.Config
	for _, z := range cfg.Zones {
		ec.Zones = append(ec.Zones, enrich.Zone{ID: z.ID, Name: z.Name, Networks: z.Networks})
	}
	for _, f := range cfg.Flows {
		ec.Flows = append(ec.Flows, enrich.Flow{From: f.From, To: f.To, Destination: f.Destination, Port: uint16(f.Port), Note: f.Note})
	}
	if cfg.Assets == "" {
		return ec, nil
	}
	f, err := os.Open(cfg.Assets)
	if err != nil {
		return ec, cfg.Fault("assets", fmt.Errorf("%w; want a CSV file that this user can read", err))
	}
	defer f.Close()
	ec.Assets, err = enrich.ReadAssets(cfg.Assets, f)
	return ec, err
}
