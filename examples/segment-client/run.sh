#!/bin/sh
# Serve a workspace, send events to it with Segment's own client, and see who got a message and who did not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${DATA:-$here/../../../shared/data}/ecom_clickstream/events.csv.gz
shop=${1:?usage: run.sh DIR (a folder that is not there yet)}
wayfare=${WAYFARE:-wayfare}
python=${PYTHON:-python3}

$wayfare init "$shop"
rm "$shop"/journeys/* "$shop"/templates/* "$shop"/tests/*
cp -R "$here"/journeys "$here"/templates "$here"/policy.yaml "$shop"
cd "$shop"
$wayfare validate
$wayfare apply

$wayfare serve --port 0 --json > served.json &
server=$!
trap 'kill $server 2> /dev/null || true' EXIT
until [ -s served.json ]; do
  kill -0 $server   # it has ended: there is nothing to wait for
  sleep 0.1
done
address=$($python -c 'import json; print(json.load(open("served.json"))["url"].split("/?")[0])')

$python "$here"/client.py "$($wayfare key)" "$address" "$data"
echo '{"kind": "journey", "id": "cart-nudge"}' | $wayfare ask -      # answers once everything sent so far is applied
$wayfare dump messages --out messages.csv
$wayfare explain user_0000 --journey cart-nudge
$wayfare explain user_0001 --journey cart-nudge
$wayfare verify
kill $server
wait $server
