package spooler

import (
	"slices"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// identifyActions lists the actions of an Identifier, the default first.
var identifyActions = []string{"display", "flash"}

// messageSize bounds the message of Identify-Printer: PWG 5100.13 §3.1.1.
const messageSize = 127

// identifyPrinter is PWG 5100.13 §3.1.
func (x *ippExchange) identifyPrinter() (*reply, error) {
	asked := ipp.Strings(x.msg.Operation, "identify-actions")
	var do, not []string
	for _, a := range asked {
		if slices.Contains(identifyActions, a) {
			do = append(do, a)
		} else {
			not = append(not, a)
		}
	}
	if len(do) == 0 {
		do = identifyActions[:1]
	}
	message := ipp.Clean(ipp.String(x.msg.Operation, "message"), messageSize)
	x.p.cfg.Intake.(Identifier).Identify(Identification{Actions: slices.Clone(do), Message: message, User: x.user, Source: x.source})
	rep := &reply{}
	if len(not) > 0 {
		rep.status = goipp.StatusOkIgnoredOrSubstituted
		rep.unsupported.Add(echoAttribute(ipp.Keyword("identify-actions", not...)))
	}
	return rep, nil
}
