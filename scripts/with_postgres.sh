#!/usr/bin/env bash
# Runs a command beside a private PostgreSQL server that is thrown away afterwards, also on failure or interrupt:
#   scripts/with_postgres.sh cargo test --package ledger
# The command finds it through FLORIN_TEST_POSTGRES_URL (as superuser) and can stop and start it by running
# $FLORIN_TEST_POSTGRES_CTL with start, stop or restart.
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

folder=$(mktemp -d "${TMPDIR:-/tmp}/florin-postgres.XXXXXX")
child=

# shellcheck disable=SC2317 # the trap calls it
finish() {
    trap '' INT TERM HUP
    # The minus names the child's process group: cargo, its tests, and the servers that they started.
    [[ -z $child ]] || kill -TERM -- "-$child" 2>/dev/null || true
    "$scripts/postgres.sh" destroy "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

"$scripts/postgres.sh" create "$folder"
FLORIN_TEST_POSTGRES_URL=$("$scripts/postgres.sh" url "$folder")
export FLORIN_TEST_POSTGRES_URL
export FLORIN_TEST_POSTGRES_CTL="$folder/control"

# Job control gives the child a process group of its own; waiting, unlike running it directly, lets traps act at once.
set -m
"$@" </dev/null &
child=$!
set +m
status=0
wait "$child" || status=$?
child=
exit "$status"
