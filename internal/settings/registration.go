package settings

import "fmt"

// The values of Registration.
const (
	RegistrationOff   = "off"
	RegistrationSelf  = "self"
	RegistrationAdmin = "administrator"
)

func parseRegistration(v *Values, s string) error {
	switch s {
	case RegistrationOff, RegistrationSelf, RegistrationAdmin:
		v.Registration = s
		return nil
	}
	return fmt.Errorf("it should be off, self or administrator")
}
