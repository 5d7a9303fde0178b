package main

import (
	"context"
	"time"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/internal/checkup"
)

// examinedServer is a server that the checkups look at.
type examinedServer struct {
	serveOptions
	now func() time.Time
}

// serverCheckup is a row of the table in docs/doctor.md.
type serverCheckup struct {
	id, title string
	look      func(*examinedServer, context.Context) checkup.Finding
}

var serverCheckups = []serverCheckup{
	{"data", "Nobody else can read the server's data", (*examinedServer).lookAtData},
	{"registry", "The registry is whole", (*examinedServer).lookAtRegistry},
	{"space", "There is room", (*examinedServer).lookAtSpace},
	{"certificate", "The certificate is valid", (*examinedServer).lookAtCertificate},
	{"site", "The site's directory verifies", (*examinedServer).lookAtSite},
	{"port", "The server answers at its address", (*examinedServer).lookAtPort},
	{"files", "The server may open enough files", (*examinedServer).lookAtFiles},
	{"clock", "The clock is right", (*examinedServer).lookAtClock},
	{"tokens", "No token ends soon", (*examinedServer).lookAtTokens},
	{"bundles", "No unused bundle lies about", (*examinedServer).lookAtBundles},
}

func checkupsOf(s *examinedServer) []checkup.Checkup {
	var all []checkup.Checkup
	for _, c := range serverCheckups {
		all = append(all, checkup.Checkup{ID: c.id, Title: c.title, Look: func(ctx context.Context) checkup.Finding { return c.look(s, ctx) }})
	}
	return all
}

// withInspection calls judge with the registry, if it is of this version.
func (s *examinedServer) withInspection(ctx context.Context, judge func(*cloud.Inspection) checkup.Finding) checkup.Finding {
	i, err := cloud.InspectRegistry(ctx, s.data)
	if err != nil {
		return checkup.Found(checkup.Info, "The registry cannot be read.", "see the checkup registry")
	}
	defer i.Close()
	if i.Schema != i.Known {
		return checkup.Found(checkup.Info, "The registry is of another version.", "see the checkup registry")
	}
	return judge(i)
}
