#!/usr/bin/env bash
# Fills the corpora from the fixtures: the bodies of all cases.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p corpus/readers corpus/files
for body in ../fixtures/*/*/body.*; do
  name=$(echo "$body" | tr '/.' '__')
  cp "$body" "corpus/readers/$name"
  cp "$body" "corpus/files/$name"
done
cp ../fixtures/warc/*.warc* corpus/files/
