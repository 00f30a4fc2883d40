# shellcheck shell=bash disable=SC2034,SC2154
# What is measured, one function for each part of the run.

# pgbench and Florin on PostgreSQL in turn.
part_pairs() {
    local pair scenario tps=() uniform=() hot=() batch=()
    heading "pairs: pgbench TPC-B (scale 20, 32 clients, prepared), then Florin on the same PostgreSQL"
    for ((pair = 1; pair <= pairs; pair++)); do
        heading "pair $pair of $pairs"
        run_pgbench
        tps+=("$pgbench_tps")
        fresh_florin florin
        start_server florin "$(database_url florin)"
        for scenario in uniform hot; do
            load_postgres florin "$work/$scenario.json" "$scenario"
        done
        connections=$batch_connections load_postgres florin "$work/batch.json" batch
        stop_server
        uniform+=("$(figure "$work/uniform.json" transfersPerSecond)")
        hot+=("$(figure "$work/hot.json" transfersPerSecond)")
        batch+=("$(figure "$work/batch.json" transfersPerSecond)")
    done
    heading "pairs, together (transfers or transactions per second)"
    show_row pgbench "${tps[@]}"
    show_row uniform "${uniform[@]}"
    show_row hot "${hot[@]}"
    show_row batch "${batch[@]}"
    tps_median=$(median "${tps[@]}")
    uniform_median=$(median "${uniform[@]}")
    verdict "uniform / pgbench" "$(ratio "$uniform_median" "$tps_median")" at-least 3.50
    verdict "hot / uniform" "$(ratio "$(median "${hot[@]}")" "$uniform_median")" at-least 0.90
    verdict "batch / pgbench" "$(ratio "$(median "${batch[@]}")" "$tps_median")" at-least 8.00
}

# Another binary and this one in turn, each on a new database: what a change costs, whatever else the machine does. Every
# second pair begins with this one, and each leaves nothing that PostgreSQL would tidy up while the other is measured.
part_compare() {
    local pair side sides scenario name binary=$florin base=${FLORIN_BENCH_BASE:-}
    local -A figures
    [[ -x $base ]] || fail "compare needs FLORIN_BENCH_BASE, the binary to compare with"
    heading "compare: $base and $binary in turn, on the same PostgreSQL"
    for ((pair = 1; pair <= pairs; pair++)); do
        heading "comparison $pair of $pairs"
        sides=(base this)
        ((pair % 2 == 1)) || sides=(this base)
        for side in "${sides[@]}"; do
            florin=$binary
            [[ $side == this ]] || florin=$base
            fresh_florin "florin_$side"
            start_server "florin_$side" "$(database_url "florin_$side")"
            for scenario in uniform hot batch; do
                connections=$([[ $scenario == batch ]] && echo "$batch_connections" || echo "$connections") \
                    load_postgres "florin_$side" "$work/$scenario.json" "$scenario"
                figures[$scenario-$side]+=" $(figure "$work/$scenario.json" transfersPerSecond)"
            done
            stop_server
            sql postgres "DROP DATABASE florin_$side"
        done
    done
    florin=$binary
    heading "compare, together (transfers per second)"
    for scenario in uniform hot batch; do
        for side in base this; do
            # shellcheck disable=SC2086 # numbers, one word each
            show_row "$scenario, $side" ${figures[$scenario-$side]}
        done
        # shellcheck disable=SC2086
        verdict "$scenario, this / base" "$(ratio "$(median ${figures[$scenario-this]})" "$(median ${figures[$scenario-base]})")" at-least 0.97
    done
}

show_row() {
    local name=$1
    shift
    printf '%-16s median %8s   runs %s\n' "$name" "$(median "$@")" "$*"
}

# The same load of many users from many addresses with the front door open, and with all that it has, in turn.
part_edge() {
    local connections=$other_connections
    local pair open=() guarded=() trouble=0
    local many=(--users "$users" --forwarded-addresses "$addresses")
    local front_door_open=("${front_door[@]}")
    local front_door_guarded=(FLORIN_RATE_LIMIT=on FLORIN_TRUSTED_PROXIES=127.0.0.1/32
        "FLORIN_DENY_LIST=192.0.2.0/24,198.51.100.0/24,2001:db8::/32" FLORIN_CORS_ORIGINS=https://app.example)
    heading "edge: uniform by $users users from $addresses addresses, limits off and on in turn"
    fresh_florin florin_edge "${many[@]}"
    for ((pair = 1; pair <= pairs; pair++)); do
        heading "edge pair $pair of $pairs"
        front_door=("${front_door_open[@]}")
        start_server florin_edge "$(database_url florin_edge)"
        load_postgres florin_edge "$work/open.json" uniform "${many[@]}"
        stop_server
        front_door=("${front_door_guarded[@]}")
        start_server florin_edge "$(database_url florin_edge)"
        load_postgres florin_edge "$work/guarded.json" uniform "${many[@]}"
        stop_server
        front_door=("${front_door_open[@]}")
        open+=("$(figure "$work/open.json" transfersPerSecond)")
        guarded+=("$(figure "$work/guarded.json" transfersPerSecond)")
        trouble=$((trouble + $(figures_sum "$work/guarded.json" refused lost)))
    done
    heading "edge, together (transfers per second)"
    show_row "limits off" "${open[@]}"
    show_row "limits on" "${guarded[@]}"
    verdict "uniform, limits on / off" "$(ratio "$(median "${guarded[@]}")" "$(median "${open[@]}")")" at-least 0.90
    verdict "limits on: refused (429) or lost" "$trouble" at-most 0
}

# pgbench on PostgreSQL and Florin on SQLite in turn.
part_sqlite() {
    local pair size transfers tps=() uniform=()
    heading "sqlite: pgbench TPC-B on PostgreSQL, then Florin on SQLite"
    for ((pair = 1; pair <= pairs; pair++)); do
        heading "sqlite pair $pair of $pairs"
        run_pgbench
        tps+=("$pgbench_tps")
        rm -rf "$work/data-sqlite"
        start_server sqlite
        prepare_accounts
        stop_server
        start_server sqlite
        size=$(du -sb "$server_data" | cut -f1)
        load "$work/sqlite.json" uniform
        transfers=$(figure "$work/sqlite.json" transfersInAll)
        stop_server
        echo "bytes per transfer: $((($(du -sb "$server_data" | cut -f1) - size) / (transfers + 1))) in the data folder"
        uniform+=("$(figure "$work/sqlite.json" transfersPerSecond)")
    done
    heading "sqlite, together (transfers or transactions per second)"
    show_row pgbench "${tps[@]}"
    show_row "sqlite uniform" "${uniform[@]}"
    verdict "sqlite uniform / pgbench" "$(ratio "$(median "${uniform[@]}")" "$(median "${tps[@]}")")" at-least 2.50
}

# The floor load, on both engines.
part_floor() {
    local engine name url
    for engine in postgres sqlite; do
        heading "floor on $engine: 1,000 balance reads/s and 100 transfers/s, timed from when each was due"
        name=floor-sqlite url=
        if [[ $engine == postgres ]]; then
            fresh_florin florin_floor
            name=florin_floor url=$(database_url florin_floor)
        fi
        start_server "$name" "$url"
        prepare_accounts
        seconds=$floor_seconds load "$work/floor-$engine.json" floor
        stop_server
        verdict "floor on $engine: slowest p99" "$(worst_p99_ms "$work/floor-$engine.json")" at-most 25 ms
        verdict "floor on $engine: refused or lost" "$(figures_sum "$work/floor-$engine.json" refused lost)" at-most 0
    done
}

# The highest 99th percentile of a report's kinds of request, in microseconds.
worst_p99_us() {
    sed -n 's/^ *"p99Us": *\([0-9]*\),$/\1/p' "$1" | sort -n | tail -n 1
}

worst_p99_ms() {
    worst_p99_us "$1" | awk '{ printf "%.3f\n", $1 / 1000 }'
}

# A bank with a long history: its import, its verification, and what size costs the transfers.
part_large() {
    local connections=$other_connections
    local history=$bench_dir/history-$large_accounts-$large_rows.csv
    heading "large: $large_accounts accounts with $large_rows rows of history"
    [[ -s $history ]] || write_history "$history"
    # The imported accounts need an owner who can log in: the load generator's customer.
    accounts=2 fresh_florin florin_large
    import_and_verify "$history"
    compare_sizes
}

write_history() {
    "$generator" history --file "$1.part" --accounts "$large_accounts" --rows "$large_rows"
    mv "$1.part" "$1"
}

import_and_verify() {
    local url rows_per_second postings_per_second
    url=$(database_url florin_large)
    stopwatch_ms florin_on "$url" import history "$1" --owner bench
    rows_per_second=$((large_rows * 1000 / (elapsed_ms + 1)))
    echo "import: $elapsed_ms ms, $rows_per_second rows/s, database $(sql florin_large "SELECT pg_size_pretty(pg_database_size('florin_large'))")"
    sql florin_large "VACUUM ANALYZE"
    checkpoint
    stopwatch_ms florin_on "$url" verify
    postings_per_second=$((large_rows * 2000 / (elapsed_ms + 1)))
    echo "verify: $elapsed_ms ms, $postings_per_second postings/s"
    verdict "import, rows/s" "$rows_per_second" at-least 20000
    verdict "verify, postings/s" "$postings_per_second" at-least 500000
}

# florin_on DATABASE_URL COMMAND…
florin_on() {
    local url=$1 name=${1##*/}
    shift
    # Where its server keeps its keys: a database goes with one secrets key.
    env FLORIN_DATABASE_URL="$url" FLORIN_DATA_DIR="$work/data-${name%%\?*}" "$florin" "$@"
}

compare_sizes() {
    local pair small=() large=() memory_kib=0 kib
    database_exists florin || fresh_florin florin
    florin_on "$(database_url florin_large)" export balances > "$work/large-accounts.csv"
    for ((pair = 1; pair <= pairs; pair++)); do
        heading "large pair $pair of $pairs"
        start_server florin "$(database_url florin)"
        load_postgres florin "$work/small.json" uniform
        stop_server
        start_server florin_large "$(database_url florin_large)"
        load_postgres florin_large "$work/large.json" uniform --accounts-file "$work/large-accounts.csv"
        stop_server
        small+=("$(figure "$work/small.json" transfersPerSecond)")
        large+=("$(figure "$work/large.json" transfersPerSecond)")
        kib=$(figure "$work/large.json" serverMemoryMaxKib)
        memory_kib=$((kib > memory_kib ? kib : memory_kib))
    done
    heading "large, together (transfers per second)"
    show_row "uniform, small" "${small[@]}"
    show_row "uniform, large" "${large[@]}"
    verdict "uniform, large / small" "$(ratio "$(median "${large[@]}")" "$(median "${small[@]}")")" at-least 0.85
    verdict "server memory, large" "$((memory_kib / 1024))" at-most 200 MiB
}

# What a flood of logins costs everybody else, and whether a failed login tells who exists. Limits on rates are off: with
# them a flood from one address would not get this far.
part_logins() {
    heading "logins: the floor load alone, then beside 500 concurrent logins"
    fresh_florin florin_logins
    start_server florin_logins "$(database_url florin_logins)"
    prepare_accounts
    local pair calm=() flooded=() memory=()
    for ((pair = 1; pair <= pairs; pair++)); do
        heading "logins pair $pair of $pairs"
        seconds=$floor_seconds load "$work/calm.json" floor
        # The flood starts when the load of the money has logged in, within its warming up, and outlasts it.
        (sleep 4 && exec "$generator" logins --url "$server_url" --username flood --accounts 2 --connections 500 \
            --seconds $((floor_seconds + 12)) --warm-up-seconds 1 --json "$work/flood.json") > "$work/flood.log" 2>&1 &
        flood_pid=$!
        warm_up=10 seconds=$floor_seconds load "$work/flooded.json" floor
        wait "$flood_pid" || fail "the flood failed: $(cat "$work/flood.log")"
        cat "$work/flood.log"
        calm+=("$(worst_p99_us "$work/calm.json")")
        flooded+=("$(worst_p99_us "$work/flooded.json")")
        memory+=("$(figure "$work/flooded.json" serverMemoryMaxKib)")
    done
    heading "logins, together (slower p99 in microseconds; memory in KiB)"
    show_row calm "${calm[@]}"
    show_row flooded "${flooded[@]}"
    show_row memory "${memory[@]}"
    verdict "p99 of money, flooded / calm" "$(ratio "$(median "${flooded[@]}")" "$(median "${calm[@]}")")" at-most 2.00
    verdict "server memory in a flood of logins" "$(($(median "${memory[@]}") / 1024))" at-most 400 MiB
    heading "logins: do failed ones differ between unknown, known and locked users?"
    "$generator" enumeration --url "$server_url" --username locked --rounds 10 > "$work/locked.log"
    sql florin_logins "UPDATE auth_user SET status = 'DISABLED' WHERE username = 'locked'"
    "$generator" enumeration --url "$server_url" --locked-username locked --json "$work/enumeration.json"
    stop_server
    verdict "failed logins, different answers" "$(figure "$work/enumeration.json" differentAnswers)" at-most 1
    verdict "failed logins, chi-square of times x 10" \
        "$(sed -n 's/^ *"chiSquareTenths": *\([0-9]*\),\{0,1\}$/\1/p' "$work/enumeration.json" | sort -n | tail -n 1)" at-most 108
}
