# shellcheck shell=bash disable=SC2034,SC2154
# A private PostgreSQL cluster, durable and without TLS, used by pgbench and by Florin alike.

postgres_dir=
postgres_port=
postgres_pid=
postgres_password=
postgres_settings=(server_version fsync synchronous_commit full_page_writes wal_compression wal_sync_method ssl
    shared_buffers max_wal_size checkpoint_timeout max_connections autovacuum huge_pages wal_level)

find_postgres() {
    local folder
    for folder in "${POSTGRES_BIN:-}" /usr/lib/postgresql/15/bin /usr/pgsql-15/bin "$(pg_config --bindir 2> /dev/null || true)"; do
        if [[ -n $folder && -x $folder/initdb && -x $folder/pgbench ]]; then
            postgres_bin=$folder
            "$postgres_bin/postgres" --version | grep -q ' 15\.' || echo "bench: this is not PostgreSQL 15" >&2
            return
        fi
    done
    fail "PostgreSQL 15 with pgbench is needed (or POSTGRES_BIN)"
}

# PostgreSQL refuses to run as root; root therefore runs it as its own user.
as_postgres() {
    if [[ $(id -u) == 0 ]]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# Prints a folder for the cluster: in the work folder if PostgreSQL's user can reach it, else beside it on /var/tmp.
make_postgres_dir() {
    if [[ $(id -u) != 0 ]]; then
        mktemp -d "$work/postgres.XXXXXX"
        return
    fi
    chmod 755 "$work"
    if as_postgres test -x "$work"; then
        mktemp -d "$work/postgres.XXXXXX"
    else
        mktemp -d /var/tmp/florin-bench.XXXXXX
    fi
}

free_port() {
    local port=$1
    while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do
        port=$((port + 1))
    done
    echo "$port"
}

start_postgres() {
    heading "PostgreSQL"
    postgres_dir=$(make_postgres_dir)
    postgres_password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    postgres_port=$(free_port "${BENCH_POSTGRES_PORT:-55432}")
    (umask 077 && printf '%s' "$postgres_password" > "$postgres_dir/password")
    if [[ $(id -u) == 0 ]]; then
        chown -R postgres: "$postgres_dir"
    fi
    as_postgres "$postgres_bin/initdb" -D "$postgres_dir/data" -U florin -E UTF8 --locale=C \
        --auth=scram-sha-256 --pwfile="$postgres_dir/password" > "$work/initdb.log"
    as_postgres tee -a "$postgres_dir/data/postgresql.conf" > /dev/null << EOF
listen_addresses = '127.0.0.1'
port = $postgres_port
unix_socket_directories = ''
max_connections = 200
fsync = on
synchronous_commit = on
ssl = off
shared_buffers = '${BENCH_SHARED_BUFFERS:-1GB}'
max_wal_size = '8GB'
EOF
    as_postgres "$postgres_bin/pg_ctl" -D "$postgres_dir/data" -l "$postgres_dir/log" -w start > "$work/pg_ctl.log" \
        || fail "PostgreSQL does not start: $(tail -n 3 "$postgres_dir/log")"
    postgres_pid=$(head -n 1 "$postgres_dir/data/postmaster.pid")
    export PGHOST=127.0.0.1 PGPORT=$postgres_port PGUSER=florin PGPASSWORD=$postgres_password PGSSLMODE=disable
    export PGOPTIONS="-c client_min_messages=warning"
}

stop_postgres() {
    if [[ -n $postgres_dir && -f $postgres_dir/data/postmaster.pid ]]; then
        as_postgres "$postgres_bin/pg_ctl" -D "$postgres_dir/data" -m fast -w stop > /dev/null
    fi
    if [[ -n $postgres_dir && ${BENCH_KEEP:-0} != 1 ]]; then
        rm -rf "$postgres_dir"
    fi
}

show_postgres_settings() {
    local setting
    echo "data: $(df --output=source,fstype "$postgres_dir" | awk 'NR == 2 { print $1 ", " $2 }'), $postgres_dir"
    for setting in "${postgres_settings[@]}"; do
        echo "$setting: $(sql postgres "SHOW $setting")"
    done
    echo "one 8 KiB write made durable (pg_test_fsync):"
    as_postgres "$postgres_bin/pg_test_fsync" -s 1 -f "$postgres_dir/fsync-test" 2> /dev/null \
        | awk '/two 8kB writes/ { exit } /fdatasync|open_datasync/ && /ops/ { print "  " $0 }'
}

# sql DATABASE STATEMENT
sql() {
    "$postgres_bin/psql" -XAtq -d "$1" -c "$2"
}

database_url() {
    echo "postgres://florin:$postgres_password@127.0.0.1:$postgres_port/$1"
}

# Both sides start behind a checkpoint, so that both pay alike for the first change of each page.
checkpoint() {
    sql postgres "CHECKPOINT"
}

# Runs pgbench's TPC-B on a fresh database, warmed up like the other side, and leaves its transactions per second in
# pgbench_tps.
run_pgbench() {
    sql postgres "DROP DATABASE IF EXISTS pgbench"
    sql postgres "CREATE DATABASE pgbench"
    "$postgres_bin/pgbench" -i -q -s 20 pgbench > "$work/pgbench-init.log" 2>&1
    checkpoint
    if ((warm_up > 0)); then
        "$postgres_bin/pgbench" -c 32 -j 2 -M prepared -T "$warm_up" pgbench > "$work/pgbench.log" 2>&1
    fi
    "$postgres_bin/pgbench" -c 32 -j 2 -M prepared -T "$seconds" pgbench > "$work/pgbench.log" 2>&1
    pgbench_tps=$(awk '/^tps = / { printf "%d\n", $3; exit }' "$work/pgbench.log")
    echo "pgbench: $pgbench_tps tps, $(grep '^latency average' "$work/pgbench.log")"
}
