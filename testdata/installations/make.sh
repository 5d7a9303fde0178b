#!/usr/bin/env bash
# Usage: make.sh BIN DIR
# Makes in DIR what the programs in BIN, of any version, leave on disk when they
# are killed in the middle of a delivery. README.md says what that is.
set -euo pipefail
bin=$(realpath "$1") dir=$2
sample=$(realpath "$(dirname "$0")/../../cmd/scoutcloud/sample.pdf")
work=$(mktemp -d)
data=$work/demo
trap 'kill -9 "$demo" 2>/dev/null || true; rm -rf "$work"' EXIT

agent() { "$bin/printscout" --control "$data/scout.sock" "$@"; }
known() { jq -r "$1" "$data/demo.json"; }
job() { agent job list --json | jq -r ".[] | select(.title == \"$1\") | .id"; }

start() { # [--printer-scenario NAME]
	rm -f "$work/log"
	"$bin/scoutcloud" demo --data "$data" --document none "$@" >"$work/log" 2>&1 &
	demo=$!
	until grep -qs Ctrl-C "$work/log"; do kill -0 "$demo"; sleep 0.1; done
}

stop() { kill -INT "$demo"; wait "$demo" || true; }

print() { # TITLE [ATTRIBUTE]
	cat >"$work/print.test" <<T
{ OPERATION Print-Job
  GROUP operation-attributes-tag
  ATTR charset attributes-charset utf-8
  ATTR naturalLanguage attributes-natural-language en
  ATTR uri printer-uri \$uri
  ATTR name requesting-user-name golden
  ATTR name job-name $1
  ATTR mimeMediaType document-format application/pdf
  GROUP job-attributes-tag
  ${2-}
  FILE $sample
  STATUS successful-ok }
T
	ipptool -q "$(known .ipp_url)" "$work/print.test"
}

order() { # TITLE: by the server
	curl -sS --fail --cacert "$data/server/tls/ca.crt" -H "Authorization: Bearer $(known .api_token)" \
		-d "{\"jobs\":[\"$(job "$1")\"],\"printer\":\"demo\"}" "$(known .cloud_url)/v1/releases" >/dev/null
}

start
print delivered
agent job release --all --printer demo --wait
print parked
print sheet "ATTR integer copies 2"
print held "ATTR keyword job-hold-until indefinite"
print canceled
agent job cancel "$(job canceled)"
print ordered
order ordered
until [ -z "$(job ordered)" ]; do sleep 0.1; done
stop
start --printer-scenario reboot
print uncertain
order uncertain
until agent job list --json | jq -e "any(.state == \"uncertain\")" >/dev/null; do sleep 0.1; done
stop
start --printer-scenario held
print releasing
order releasing
until grep "$(job releasing)" "$data/scout/orders.log" | grep -q '"step":"sent"'; do sleep 0.1; done
kill -9 "$(known .scout_pid)" "$demo"

mkdir -p "$dir"
cp -r "$data/scout" "$data/server" "$data/site" "$data/site-password" "$dir"
rm -f "$dir/server/registry.db-shm"
