#!/usr/bin/env bash
# Does the JSON API do what its description says? schemathesis (PyPI) against a desk over the shipped sample.
# Ends in any case: EXAMPLES an operation, SECONDS_MOST in all (20 and 120 without them).
#   scripts/check-api.sh [target/release/tendertrace]
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/tendertrace}")
tools=${TENDERTRACE_PYTHON_TOOLS:-target/python}
if [ ! -x "$tools/bin/schemathesis" ]; then
  python3 -m venv "$tools" && timeout 120 "$tools/bin/pip" install -q 'schemathesis>=4' || { echo "skipped: pip cannot fetch schemathesis here (no network?)"; exit 0; }
fi
folder=$(mktemp -d)
desk=
trap '[ -z "$desk" ] || kill "$desk"; rm -rf "$folder"' EXIT
"$program" trace truth/sample --case "$folder/case" >/dev/null
"$program" serve "$folder/case" --port 0 >"$folder/said" &
desk=$!
for _ in $(seq 100); do grep -q http "$folder/said" && break; sleep 0.1; done
address=$(grep -o 'http://[0-9.:]*' "$folder/said")
tools=$(realpath "$tools")
cd "$folder"
seconds=${SECONDS_MOST:-120}
timeout -k 5 $((seconds + 60)) "$tools/bin/schemathesis" run "$address/api/openapi.json" --checks all --max-examples "${EXAMPLES:-20}" \
  --max-time "$seconds" --request-timeout 20 --workers 2 --seed 1 --no-color
