package delivery

import "github.com/printscout/printscout/internal/outcome"

// Outcome is what became of a delivery.
type Outcome struct {
	outcome.Result
	Message string // a sentence for a person
	// Evidence has sentences, with the printer's own words cleaned and cut. They
	// are only for the owner of the document: a printer may repeat its title.
	Evidence []string
}
