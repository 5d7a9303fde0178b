package cloud

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/dev/installation"
)

// TestRegistriesOfEarlierVersions opens the registries of servers that were
// killed: the newest changes are in SQLite's journal.
func TestRegistriesOfEarlierVersions(t *testing.T) {
	for _, version := range installation.Versions {
		t.Run(version, func(t *testing.T) {
			r, err := OpenExistingRegistry(t.Context(), filepath.Join(installation.Copy(t, version), installation.Server))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			scouts, err := r.Scouts(t.Context())
			if err != nil || len(scouts) != 1 || scouts[0].Name != "demo" || len(scouts[0].Sign) != 32 {
				t.Errorf("scouts %+v, %v", scouts, err)
			}
			if tokens, err := r.APITokens(t.Context()); err != nil || len(tokens) == 0 {
				t.Errorf("API tokens %+v, %v", tokens, err)
			}
			orders, err := r.Orders(t.Context(), 100)
			if err != nil || len(orders) != 3 {
				t.Fatalf("orders %+v, %v", orders, err)
			}
			sent, uncertain, delivered := orders[0], orders[1], orders[2]
			if sent.State != Sent || sent.Result != nil || sent.SentAt.IsZero() {
				t.Errorf("the order under way: %+v", sent)
			}
			for state, o := range map[string]Order{"uncertain": uncertain, "delivered": delivered} {
				if o.State != Done || o.Result == nil || o.Result.State != state || o.Finished.Before(o.Created) {
					t.Errorf("%s: %+v", state, o)
				}
			}
			if due, err := r.DueOrders(t.Context(), time.Now()); err != nil || len(due) != 0 {
				t.Errorf("due %+v, %v", due, err)
			}
			if found, err := r.UnfinishedOrders(t.Context(), sent.Scout, 0, 10); err != nil || len(found) != 1 || found[0].ID != sent.ID {
				t.Errorf("unfinished %+v, %v", found, err)
			}
		})
	}
}
