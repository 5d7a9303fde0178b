package main

import "testing"

func TestParseSets(t *testing.T) {
	all, err := parseSets([]string{"port=9000", "QueueName=007", "PrinterName=true", `printerresources=print,raster`, "JobRetention=12h", "ScoutText="})
	if err == nil {
		t.Errorf("an unknown setting: %v", all)
	}
	all, err = parseSets([]string{"port=9000", "QueueName=007", "PrinterName=true", `printerresources=print,raster`, "JobRetention=12h", "BundleFile=", "port=9001"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Port": "9001", "QueueName": `"007"`, "PrinterName": `"true"`, "PrinterResources": `["print","raster"]`, "JobRetention": `"12h"`, "BundleFile": `""`} {
		if string(all[name]) != want {
			t.Errorf("%s is %s, want %s", name, all[name], want)
		}
	}
}
