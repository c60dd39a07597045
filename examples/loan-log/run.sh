#!/bin/sh
# Import the loan log into a new workspace, ask it two questions, and simulate a draft journey over it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${DATA:-$here/../../../shared/data}/bpic2012_loan/events.parquet
shop=${1:?usage: run.sh DIR (a folder that is not there yet)}
wayfare=${WAYFARE:-wayfare}

$wayfare init "$shop"
rm "$shop"/journeys/* "$shop"/templates/* "$shop"/tests/*
cp -R "$here"/journeys "$here"/templates "$here"/tests "$here"/questions "$shop"
cd "$shop"
$wayfare validate
$wayfare test

$wayfare import "$data" \
  --map 'profile=case:concept:name,event=concept:name,time=time:timestamp' \
  --where 'row["lifecycle:transition"] == "COMPLETE" && !row["concept:name"].startsWith("W_")'
$wayfare ask questions/funnel.json
$wayfare ask questions/graph.json
$wayfare simulate offer-follow-up --seed 7 --transitions transitions.csv
