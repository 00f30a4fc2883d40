#!/usr/bin/env bash
# A private PostgreSQL server in a folder of its own: nothing else on the machine is touched, and its data is not kept.
#   scripts/postgres.sh create FOLDER [SETTING=VALUE …]     make and start it; FOLDER must be empty or absent
#   scripts/postgres.sh start|stop|restart|url|destroy FOLDER   stop is immediate, as in a crash
#   scripts/postgres.sh programs                            where PostgreSQL 15 or newer is installed
# FOLDER/control accepts start, stop and restart. Every durability setting keeps its safe default.
set -euo pipefail

version_min=15

fail() {
    echo "postgres.sh: $*" >&2
    exit 1
}

# PostgreSQL refuses to run as root.
as_server() {
    if ((EUID == 0)); then
        runuser --user postgres -- "$@"
    else
        "$@"
    fi
}

version_in() {
    "$1/postgres" --version 2>/dev/null | sed -E 's/^[^0-9]*([0-9]+).*/\1/'
}

# Debian keeps each version in its own folder, newest last; elsewhere the programs are on the PATH.
programs() {
    local folder version found=
    for folder in /usr/lib/postgresql/*/bin "$(dirname "$(command -v pg_ctl || echo /nowhere/pg_ctl)")"; do
        [[ -x $folder/initdb && -x $folder/pg_ctl ]] || continue
        version=$(version_in "$folder")
        ((${version:-0} >= version_min)) && found=$folder
    done
    [[ -n $found ]] || fail "no PostgreSQL $version_min or newer is installed"
    echo "$found"
}

control() {
    as_server "$(programs)/pg_ctl" --silent --wait --timeout=60 --pgdata="$folder/data" "$@"
}

is_running() {
    control status >/dev/null 2>&1
}

start() {
    is_running || control --log="$folder/log" start
}

stop() {
    ! is_running || control --mode=immediate stop
}

is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Below 32768, where Linux takes the ports of outgoing connections from. Somebody else may be quicker: try again.
start_on_a_free_port() {
    local attempt port
    for ((attempt = 0; attempt < 20; attempt++)); do
        port=$((20000 + RANDOM % 12000))
        is_free "$port" || continue
        echo "port = $port" | as_server tee "$folder/data/port.conf" >/dev/null
        if start; then
            return
        fi
    done
    [[ ! -f $folder/log ]] || tail -n 20 "$folder/log" >&2
    fail "the server in $folder did not start"
}

create() {
    mkdir -p "$folder"
    [[ -z $(ls -A "$folder") ]] || fail "$folder is not empty"
    ((EUID != 0)) || chown postgres "$folder"
    as_server "$(programs)/initdb" --pgdata="$folder/data" --username=florin --auth=trust --no-locale --encoding=UTF8 \
        --no-sync >/dev/null
    {
        echo "listen_addresses = '127.0.0.1'"
        echo "unix_socket_directories = '$folder'"
        echo "max_connections = 200"
        printf '%s\n' "$@"
        echo "include 'port.conf'"
    } | as_server tee --append "$folder/data/postgresql.conf" >/dev/null
    {
        echo '#!/usr/bin/env bash'
        # shellcheck disable=SC2016 # $1 belongs to the script that is written
        printf 'exec %q "$1" %q\n' "$here/postgres.sh" "$folder"
    } >"$folder/control"
    chmod +x "$folder/control"
    start_on_a_free_port
}

url() {
    echo "postgres://florin@127.0.0.1:$(sed -n 's/^port = //p' "$folder/data/port.conf")/postgres"
}

destroy() {
    stop
    rm -rf "$folder"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command=${1:-}
folder=${2:-}
# The postgres user may not be able to read where the caller stands.
case $command in
    programs) ;;
    create | start | stop | restart | url | destroy)
        [[ $folder == /* ]] || fail "the folder must be an absolute path"
        cd /
        shift 2
        ;;
    *) fail "usage: postgres.sh create|start|stop|restart|url|destroy FOLDER, or postgres.sh programs" ;;
esac
case $command in
    restart) stop && start ;;
    *) "$command" "$@" ;;
esac
