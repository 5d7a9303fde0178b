package spooler

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// attributeSyntax says which type an operation attribute must have, and whether
// several values.
type attributeSyntax struct {
	tags []goipp.Tag
	many bool
}

var (
	aName    = attributeSyntax{tags: []goipp.Tag{goipp.TagName, goipp.TagNameLang, goipp.TagText, goipp.TagTextLang}}
	aURI     = attributeSyntax{tags: []goipp.Tag{goipp.TagURI}}
	anInt    = attributeSyntax{tags: []goipp.Tag{goipp.TagInteger}}
	aBool    = attributeSyntax{tags: []goipp.Tag{goipp.TagBoolean}}
	aKeyword = attributeSyntax{tags: []goipp.Tag{goipp.TagKeyword}}
	keywords = attributeSyntax{tags: []goipp.Tag{goipp.TagKeyword}, many: true}
)

// operationAttributes lists the operation attributes that are understood in any
// operation.
var operationAttributes = map[string]attributeSyntax{
	"attributes-charset":          {tags: []goipp.Tag{goipp.TagCharset}},
	"attributes-natural-language": {tags: []goipp.Tag{goipp.TagLanguage}},
	"printer-uri":                 aURI,
	"job-uri":                     aURI,
	"job-id":                      anInt,
	"requesting-user-name":        aName,
	"requesting-user-uri":         aURI,
	"job-name":                    aName,
	"document-name":               aName,
	"message":                     aName,
	"document-natural-language":   {tags: []goipp.Tag{goipp.TagLanguage}},
	"document-format":             {tags: []goipp.Tag{goipp.TagMimeType}},
	"compression":                 aKeyword,
	"ipp-attribute-fidelity":      aBool,
	"job-mandatory-attributes":    keywords,
	"job-k-octets":                anInt,
	"job-impressions":             anInt,
	"job-media-sheets":            anInt,
	"last-document":               aBool,
	"requested-attributes":        keywords,
	"which-jobs":                  aKeyword,
	"limit":                       anInt,
	"my-jobs":                     aBool,
	"first-job-id":                anInt,
	"job-ids":                     {tags: []goipp.Tag{goipp.TagInteger}, many: true},
	"identify-actions":            keywords,
	"document-number":             anInt,
	"notify-job-id":               anInt,
	"notify-subscription-id":      anInt,
	"notify-lease-duration":       anInt,
	"notify-subscription-ids":     {tags: []goipp.Tag{goipp.TagInteger}, many: true},
	"notify-sequence-numbers":     {tags: []goipp.Tag{goipp.TagInteger}, many: true},
	"notify-wait":                 aBool,
	"my-subscriptions":            aBool,
}

// checkRequest makes the checks of RFC 8011 §4.1 for every request.
func (x *ippExchange) checkRequest() error {
	if id := x.msg.RequestID; id == 0 || id > math.MaxInt32 {
		return badRequest("The request-id %d is out of range.", id)
	}
	if err := checkGroups(x.msg.Groups); err != nil {
		return err
	}
	if err := x.p.checkOperationAttributes(x.msg.Operation); err != nil {
		return err
	}
	// Names of charsets are not case-sensitive (RFC 8011 §5.1.8, RFC 2978).
	if c := strings.ToLower(ipp.String(x.msg.Operation, "attributes-charset")); c != "utf-8" && c != "us-ascii" {
		r := refuse(goipp.StatusErrorCharset, "The charset is not supported.")
		r.unsupported.Add(echoAttribute(x.msg.Operation[0]))
		return r
	}
	return x.checkTarget()
}

func checkGroups(groups goipp.Groups) error {
	if len(groups) == 0 || groups[0].Tag != goipp.TagOperationGroup {
		return badRequest("The operation attributes are not the first group.")
	}
	for i, g := range groups {
		if i > 0 && g.Tag == goipp.TagOperationGroup {
			return badRequest("There are two groups of operation attributes.")
		}
		seen := make(map[string]bool, len(g.Attrs))
		for _, a := range g.Attrs {
			if seen[a.Name] {
				return badRequest("An attribute comes twice.")
			}
			seen[a.Name] = true
		}
	}
	return nil
}

func (p *Printer) checkOperationAttributes(attrs goipp.Attributes) error {
	if len(attrs) < 2 || attrs[0].Name != "attributes-charset" || attrs[1].Name != "attributes-natural-language" {
		return badRequest("The request does not begin with attributes-charset and attributes-natural-language.")
	}
	for _, a := range attrs {
		if s, ok := p.syntaxes[a.Name]; ok && !s.allowsAttribute(a) {
			return badRequest("The attribute %s has a wrong type or number of values.", a.Name)
		}
	}
	return nil
}

func (s attributeSyntax) allowsAttribute(a goipp.Attribute) bool {
	if len(a.Values) != 1 && !s.many {
		return false
	}
	for _, v := range a.Values {
		if !slices.Contains(s.tags, v.T) {
			return false
		}
	}
	return true
}

// checkTarget determines the target of the request: this printer, or one of its
// jobs, which becomes jobID.
func (x *ippExchange) checkTarget() error {
	printer := ipp.String(x.msg.Operation, "printer-uri")
	job := ipp.String(x.msg.Operation, "job-uri")
	id, hasID := ipp.Int(x.msg.Operation, "job-id")
	switch {
	case x.op.job && job != "":
		path, _ := x.pathOf(job)
		var ok bool
		if x.jobID, ok = jobIDFromPath(path); !ok {
			return refuse(goipp.StatusErrorNotFound, "There is no such job.")
		}
		return nil
	case printer == "":
		return badRequest("The request does not say which printer it is for.")
	case x.op.job && !hasID:
		return badRequest("The request does not say which job it is about.")
	}
	path, ok := x.pathOf(printer)
	if !ok || path != "" && !x.p.isOurPath(path) {
		return refuse(goipp.StatusErrorNotFound, "There is no such printer here.")
	}
	x.res = cmp.Or(x.p.resourceAt(path), x.p.main)
	x.jobID = id
	return nil
}

// pathOf returns the path of a URI of this printer, whichever of its names the
// URI has.
func (x *ippExchange) pathOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.User != nil {
		return "", false
	}
	usual := map[string]int{"ipp": 631, "http": 80}[u.Scheme]
	if usual == 0 || !isOurs(u.Host, x.port, usual) {
		return "", false
	}
	return u.Path, true
}
