package settings

// The values of Registration.
const (
	RegistrationOff   = "off"
	RegistrationSelf  = "self"
	RegistrationAdmin = "administrator"
)
