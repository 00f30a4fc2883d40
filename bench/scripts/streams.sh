# shellcheck shell=bash disable=SC2034,SC2154
# What listening costs: many streams of server-sent events, how late an event is on them, and whether those that are cut miss one.

part_streams() {
    local -a front_door=(FLORIN_RATE_LIMIT=off)
    local found users=$stream_users each=5
    need python3
    heading "streams: $((users * each)) streams of $users customers, 20 payments a second, then 1,000 of them are cut while money moves"
    # The server, and the one who listens, have a file open for each.
    ulimit -n "$(ulimit -Hn)"
    sql postgres "DROP DATABASE IF EXISTS florin_streams"
    sql postgres "CREATE DATABASE florin_streams"
    rm -rf "${work:?}/data-florin_streams"
    start_server florin_streams "$(database_url florin_streams)"
    found=$(python3 "$here/scripts/streams.py" "$server_url" "$server_pid" "$users" "$each" 300 1000) || fail "nobody could listen"
    stop_server
    echo "$found"
    verdict "streams: memory of $((users * each)) streams" "$(streams_figure "$found" memoryMiB)" at-most 300 MiB
    verdict "streams: event on the stream, p99" "$(streams_figure "$found" p99Ms)" at-most 300 ms
    verdict "streams: events missed after 1,000 cuts" "$(streams_figure "$found" gaps)" at-most 0
    verdict "streams: events told twice after 1,000 cuts" "$(streams_figure "$found" repeats)" at-most 0
}

streams_figure() {
    sed -n "s/.*\"$2\": \(-\{0,1\}[0-9]*\).*/\1/p" <<< "$1"
}
