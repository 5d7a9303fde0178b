package cloud

import (
	"context"
	"fmt"
	"net/http"

	"github.com/printscout/printscout/cloudlink/wire"
)

// sealPINs seals the PIN of a request to each order's scout. After this the
// server has the PIN in no form that it can read.
func (s *Server) sealPINs(ctx context.Context, orders []Order, pin *string) error {
	if pin == nil {
		return nil
	}
	if len(*pin) == 0 || len(*pin) > wire.MaxPIN {
		return refusal{http.StatusBadRequest, fmt.Sprintf("the pin does not have 1 to %d bytes", wire.MaxPIN), "leave pin out where a job has none"}
	}
	wraps := make(map[string][]byte)
	for i := range orders {
		o := &orders[i]
		if wraps[o.Scout] == nil {
			scout, err := s.registry.Scout(ctx, o.Scout)
			if err != nil {
				return fmt.Errorf("sealing a pin: %w", err)
			}
			wraps[o.Scout] = scout.Wrap
		}
		sealed, err := wire.SealPIN(wraps[o.Scout], o.ID, o.Job, *pin)
		if err != nil {
			s.log.Error("a pin was not sealed", "scout", o.Scout, "error", err)
			return refusal{http.StatusConflict, "the pin cannot be sealed to the scout of job " + o.Job, "its key is not usable: enroll that computer again"}
		}
		o.PIN = sealed
	}
	return nil
}
