#!/usr/bin/env bash
# Measures Florin beside PostgreSQL's own benchmark on this machine: bench/run.sh [pairs|compare|edge|sqlite|floor|large|logins|audit|telling|streams|all].
# What the figures mean, and every setting that can be given in the environment, is in bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/figures.sh
source "$here/scripts/figures.sh"
# shellcheck source=scripts/postgres.sh
source "$here/scripts/postgres.sh"
# shellcheck source=scripts/server.sh
source "$here/scripts/server.sh"
# shellcheck source=scripts/parts.sh
source "$here/scripts/parts.sh"
# shellcheck source=scripts/audit.sh
source "$here/scripts/audit.sh"
# shellcheck source=scripts/telling.sh
source "$here/scripts/telling.sh"
# shellcheck source=scripts/streams.sh
source "$here/scripts/streams.sh"

pairs=${BENCH_PAIRS:-3}
seconds=${BENCH_SECONDS:-15}
warm_up=${BENCH_WARM_UP_SECONDS:-3}
connections=${BENCH_CONNECTIONS:-1024}
batch_connections=${BENCH_BATCH_CONNECTIONS:-64}
other_connections=${BENCH_OTHER_CONNECTIONS:-256}
accounts=${BENCH_ACCOUNTS:-10000}
users=${BENCH_USERS:-128}
addresses=${BENCH_ADDRESSES:-64}
stream_users=${BENCH_STREAM_USERS:-1000}
floor_seconds=${BENCH_FLOOR_SECONDS:-30}
large_accounts=${BENCH_LARGE_ACCOUNTS:-1000000}
large_rows=${BENCH_LARGE_ROWS:-2500000}
bench_dir=${FLORIN_BENCH_DIR:-$HOME/.cache/florin/bench}
target_dir=$("$here/../scripts/target_dir.sh")
export pairs seconds warm_up connections batch_connections other_connections accounts users addresses floor_seconds large_accounts large_rows bench_dir

build() {
    florin=${FLORIN_BENCH_BINARY:-}
    generator=${FLORIN_BENCH_LOAD_BINARY:-}
    if [[ -z $florin || -z $generator ]]; then
        (cd "$here/.." && CARGO_TARGET_DIR=$target_dir cargo build --release --locked -p florin -p florin-load)
        florin=${florin:-$target_dir/release/florin}
        generator=${generator:-$target_dir/release/florin-load}
    fi
    [[ -x $florin ]] || fail "there is no $florin"
    [[ -x $generator ]] || fail "there is no $generator"
}

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    stop_receiver
    stop_server || true
    stop_postgres || true
    if [[ ${BENCH_KEEP:-0} != 1 ]]; then
        rm -rf "$work"
    fi
    exit "$status"
}

main() {
    local part=${1:-all}
    case $part in
        pairs | compare | edge | sqlite | floor | large | logins | audit | telling | streams | all) ;;
        *) fail "usage: bench/run.sh [pairs|compare|edge|sqlite|floor|large|logins|audit|telling|streams|all]" ;;
    esac
    need curl awk
    find_postgres
    build
    mkdir -p "$bench_dir"
    work=$(mktemp -d "$bench_dir/run.XXXXXX")
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    show_hardware "$work"
    start_postgres
    show_postgres_settings
    for one in pairs compare edge sqlite floor large logins audit telling streams; do
        # A comparison needs another binary: it is made when asked for.
        if [[ $part == "$one" || ($part == all && $one != compare) ]]; then
            "part_$one"
        fi
    done
    show_verdicts
}

main "$@"
