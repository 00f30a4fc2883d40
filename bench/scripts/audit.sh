# shellcheck shell=bash disable=SC2034,SC2154
# What the audit log takes and gives: leaves while money moves, proofs, and its verification.

# The log under a load of batches; then proofs, one after the other, of transfers drawn at random; then all of it verified.
part_audit() {
    local -a front_door=(FLORIN_RATE_LIMIT=off FLORIN_VAULT_URL="file:$work/vault-audit")
    local url started_at size_before size during after proofs_p50 proofs_p99 verified
    url=$(database_url florin_audit)
    heading "audit: batches of transfers for $seconds s with a vault, then proofs, then florin verify --audit"
    fresh_florin florin_audit
    start_server florin_audit "$url"
    size_before=$(leaves_logged)
    started_at=$EPOCHSECONDS
    connections=$batch_connections load_postgres florin_audit "$work/audit.json" batch
    size=$(leaves_logged)
    during=$(((size - size_before) / (EPOCHSECONDS - started_at + 1)))
    stopwatch_ms wait_until_logged
    after=$((($(leaves_logged) - size) * 1000 / (elapsed_ms + 1)))
    echo "leaves: $(leaves_logged), $during/s while money moved, $after/s in the $elapsed_ms ms after it"
    time_proofs
    proofs_p50=$(percentile_ms 50 "$work/proofs.txt")
    proofs_p99=$(percentile_ms 99 "$work/proofs.txt")
    echo "proofs: $(wc -l < "$work/proofs.txt") one after the other on one connection, median $proofs_p50 ms, p99 $proofs_p99 ms"
    stop_server
    echo "vault: $(find "$work/vault-audit" -name '*-*' -type f | wc -l) segments, $(du -sh "$work/vault-audit" | cut -f1)"
    sql florin_audit "VACUUM ANALYZE"
    florin_on "$url" verify --audit --vault-url "file:$work/vault-audit" > "$work/verify.txt" || fail "$(cat "$work/verify.txt")"
    grep leaves "$work/verify.txt"
    verified=$(sed -n 's/.*(\([0-9]*\) leaves\/s).*/\1/p' "$work/verify.txt")
    verdict "audit: proof p99" "$proofs_p99" at-most 20 ms
    verdict "audit: leaves verified/s" "$verified" at-least 200000
}

# How large the log is, as of its last commit.
leaves_logged() {
    sql florin_audit "SELECT COALESCE(MAX(size), 0) FROM audit_head"
}

# Until the log stands still for two seconds, and ten minutes at most.
wait_until_logged() {
    local before now
    for _ in {1..300}; do
        before=$(leaves_logged)
        sleep 2
        now=$(leaves_logged)
        [[ $before != "$now" ]] || return 0
    done
    fail "the log does not come to its end"
}

# Asks for proofs of a thousand transfers; their times in seconds go to proofs.txt.
time_proofs() {
    local token entries="convert_from(entry, 'UTF8')"
    token=$(curl -fs "$server_url/api/auth/login" -H 'Content-Type: application/json' \
        -d '{"username":"bench","password":"load-generator-sandbox-only"}' \
        | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')
    [[ -n $token ]] || fail "nobody can log in"
    sql florin_audit "SELECT substring($entries from '\"subject\":\"(txn_[^\"]*)\"') FROM audit_leaf
        WHERE kind = 'payments.transaction_settled' ORDER BY random() LIMIT 1000" \
        | sed "s|.*|url = \"$server_url/api/transactions/&/proof\"\noutput = /dev/null|" > "$work/proofs.conf"
    curl -fs -K "$work/proofs.conf" -H "Authorization: Bearer $token" -w '%{time_total}\n' > "$work/proofs.txt" \
        || fail "a proof is refused"
}

# percentile_ms PERCENT FILE: of times in seconds, in milliseconds.
percentile_ms() {
    sort -n "$2" | awk -v percent="$1" '{ time[NR] = $1 } END { printf "%.1f\n", time[int((NR * percent + 99) / 100)] * 1000 }'
}
