#!/usr/bin/env bash
# Gives every reader, then the opening of files, the reading of drafts and the search language, so many seconds each:
# fuzz/run.sh [SECONDS]. What is found lies in
# fuzz/artifacts. Needs cargo-fuzz; no sanitizer, for the code is safe, and so no nightly compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
limits=(-max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0)
fuzz() { cargo fuzz run --sanitizer none "$@"; }
for folder in fixtures/*/; do
  reader=$(basename "$folder")
  [ "$reader" = warc ] && continue
  corpus=fuzz/corpus/$reader
  mkdir -p "$corpus"
  for body in "$folder"*/body.*; do
    cp "$body" "$corpus/$(basename "$(dirname "$body")")"
  done
  echo "== $reader"
  READER=$reader fuzz readers "$corpus" -- "${limits[@]}"
done
mkdir -p fuzz/corpus/files
cp fixtures/warc/*.warc* fuzz/corpus/files/
for body in fixtures/*/*/body.*; do
  cp "$body" "fuzz/corpus/files/$(echo "$body" | tr '/.' '__')"
done
echo "== files"
fuzz files fuzz/corpus/files -- "${limits[@]}"
mkdir -p fuzz/corpus/drafts
cp fixtures/article/*/body.* fuzz/corpus/drafts/ 2>/dev/null || true
echo "== drafts"
fuzz drafts fuzz/corpus/drafts -- "${limits[@]}"
# Every text between quotation marks in the tests of the language, a search each.
mkdir -p fuzz/corpus/query
grep -ohE '"([^"\\]|\\.)+"' src/query/parse.rs src/query/seen.rs tests/it/language/operators.rs | sed 's/^"//; s/"$//; s/\\"/"/g' | sort -u |
  split -l 1 -a 4 - fuzz/corpus/query/test-
echo "== query"
fuzz query fuzz/corpus/query -- "${limits[@]}"
