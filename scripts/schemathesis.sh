#!/usr/bin/env bash
# Tries every operation of the real binary's /openapi.json, as two customers and an administrator, with Schemathesis:
#   scripts/schemathesis.sh FLORIN [SECONDS]
# No 5xx, no undocumented reply, nothing without a credential, nothing of one customer's for the other. The seed is fixed
# and the time bounded. One check of theirs is left out: positive_data_acceptance wants a schema to say all that a bank
# refuses, and none can say that two accounts must differ or that a password must not be a common one.
set -euo pipefail

florin=${1:?usage: scripts/schemathesis.sh FLORIN [SECONDS]}
seconds=${2:-90}
schemathesis="$HOME/.cache/florin/schemathesis/bin/schemathesis"
password='correct horse battery staple'

# What would lock the tool itself out when it guesses well: tried apart, at the end, where it can do no harm.
last='disable_user|end_sessions|logout|revoke_session|revoke_other_sessions'

folder=$(mktemp -d "${TMPDIR:-/tmp}/florin-schemathesis.XXXXXX")
server=
# shellcheck disable=SC2317 # the trap calls it
finish() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

for name in $(compgen -e FLORIN_ || true); do unset "$name"; done
export FLORIN_DATA_DIR="$folder/data" FLORIN_LISTEN=127.0.0.1:0 FLORIN_RATE_LIMIT=off
FLORIN_ADMIN_PASSWORD=$password "$florin" admin create --username root >/dev/null

# Made here: the server's shell may come to it only after it is first read.
: >"$folder/printed"
"$florin" serve >"$folder/printed" 2>"$folder/log" &
server=$!
url=
for _ in {1..300}; do
    url=$(sed -nE 's/^Florin listens on (http:\/\/[^ ]+) .*/\1/p' "$folder/printed")
    [[ -z $url ]] || break
    kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
[[ -n $url ]] || { echo "schemathesis.sh: the server does not listen" >&2; exit 1; }

for username in ann.fuzz bob.fuzz; do
    curl --silent --fail --output /dev/null "$url/api/auth/register" --header 'Content-Type: application/json' \
        --data "{\"username\":\"$username\",\"password\":\"$password\"}"
done

user() {
    cat <<END
{"name": "$1", "loginEndpointAuth": {"verb": "POST", "endpoint": "/api/auth/login", "contentType": "application/json",
 "payloadRaw": "{\"username\":\"$1\",\"password\":\"$password\"}",
 "token": {"extractFrom": "body", "extractSelector": "/accessToken", "sendIn": "header", "sendName": "Authorization",
           "sendTemplate": "Bearer {token}"}}}
END
}
echo "{\"auth\": [$(user ann.fuzz), $(user bob.fuzz), $(user root)]}" >"$folder/users.json"
cat >"$folder/schemathesis.toml" <<END
[auth.wfc]
path = "$folder/users.json"
peers = ["ann.fuzz", "bob.fuzz"]
refresh_interval = 120
END

try() {
    "$schemathesis" --config-file "$folder/schemathesis.toml" run "$url/openapi.json" --checks all \
        --exclude-checks positive_data_acceptance --phases coverage,fuzzing,stateful --seed 20260131 --no-shrink \
        --continue-on-failure --generation-database none --workers 1 --warnings off "$@" | tee "$folder/said" || {
        grep -E 'ERROR|panicked' "$folder/log" | tail --lines 20 >&2
        exit 1
    }
    # Out of time before it began is no success.
    grep -q ' passed' "$folder/said" || { echo "schemathesis.sh: nothing was tried" >&2 && exit 1; }
}
cd "$folder"
try --max-time "$seconds" --exclude-operation-id-regex "^($last)\$"
try --max-time 20 --max-examples 20 --include-operation-id-regex "^($last)\$"
