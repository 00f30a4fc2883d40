# shellcheck shell=bash disable=SC2034,SC2154
# The server under load, and the load.

server_pid=
server_url=
# How the server's front door is set: limits would stop a single user who comes from one address.
front_door=(FLORIN_RATE_LIMIT=off)

# start_server NAME [DATABASE_URL]: without an address the server uses SQLite in a folder of that name.
start_server() {
    local name=$1 port settings
    port=$(free_port "${BENCH_PORT:-18080}")
    server_url=http://127.0.0.1:$port
    server_data=$work/data-$name
    mkdir -p "$server_data"
    settings=(FLORIN_LISTEN="127.0.0.1:$port" FLORIN_DATA_DIR="$server_data" FLORIN_MODE=sandbox "${front_door[@]}")
    if [[ -n ${2:-} ]]; then
        settings+=(FLORIN_DATABASE_URL="$2")
    fi
    env "${settings[@]}" "$florin" serve >> "$work/server-$name.log" 2>&1 &
    server_pid=$!
    for _ in {1..600}; do
        curl -fs -o /dev/null --max-time 2 "$server_url/ready" && return
        kill -0 "$server_pid" 2> /dev/null || break
        sleep 0.1
    done
    tail -n 20 "$work/server-$name.log" >&2
    fail "the server is not ready"
}

stop_server() {
    local pid=$server_pid
    if [[ -z $pid ]]; then
        return
    fi
    server_pid=
    kill -TERM "$pid" 2> /dev/null || true
    for _ in {1..300}; do
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.1
    done
    if kill -KILL "$pid" 2> /dev/null; then
        echo "bench: the server did not stop within 30 s" >&2
    fi
    wait "$pid" 2> /dev/null || true
}

# load REPORT SCENARIO [OPTION…]: applies a load to the server, shows its report and keeps it as JSON.
load() {
    local report=$1 scenario=$2
    shift 2
    "$generator" "$scenario" --url "$server_url" --accounts "$accounts" --connections "$connections" \
        --seconds "$seconds" --warm-up-seconds "$warm_up" --server-pid "$server_pid" \
        --json "$report" "$@"
}

# load_postgres DATABASE REPORT SCENARIO [OPTION…]: the same, with what it costs PostgreSQL in CPU, disk and log.
load_postgres() {
    local database=$1 report=$2 size log transfers
    shift 2
    checkpoint
    size=$(sql "$database" "SELECT pg_database_size('$database')")
    log=$(sql "$database" "SELECT pg_current_wal_lsn()")
    load "$report" "$@" --postgres-parent-pid "$postgres_pid"
    size=$(($(sql "$database" "SELECT pg_database_size('$database')") - size))
    log=$(sql "$database" "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '$log')::bigint")
    transfers=$(figure "$report" transfersInAll)
    echo "bytes per transfer: $((size / (transfers + 1))) in the database, $((log / (transfers + 1))) in its log"
}

# prepare_accounts [OPTION…]: registers the customers and makes the accounts, so that no measured run has to.
prepare_accounts() {
    seconds=1 warm_up=0 load "$work/prepare.json" uniform "$@" > "$work/prepare.log" \
        || fail "the accounts cannot be made: $(cat "$work/prepare.log")"
}

# fresh_florin DATABASE [OPTION…]: an empty database with the accounts of the small case.
fresh_florin() {
    local database=$1
    shift
    sql postgres "DROP DATABASE IF EXISTS $database"
    sql postgres "CREATE DATABASE $database"
    # Keys beside an empty database are those of a bank that was lost, and nothing starts.
    rm -rf "${work:?}/data-$database"
    start_server "$database" "$(database_url "$database")"
    prepare_accounts "$@"
    stop_server
}
