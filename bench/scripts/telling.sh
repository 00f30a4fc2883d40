# shellcheck shell=bash disable=SC2034,SC2154
# How fast those are told who follow what happens: consumers in the process, counters made anew, and webhooks.

receiver_pid=

# Batches of transfers, told to every consumer and to two webhooks on this machine; then everything is counted anew.
part_telling() {
    local -a front_door=(FLORIN_RATE_LIMIT=off FLORIN_WEBHOOK_ALLOW=127.0.0.0/8)
    local url events during behind after delivered webhooks rebuilt counted
    need python3
    url=$(database_url florin_telling)
    heading "telling: batches of transfers for $seconds s, told to all consumers and by webhook; then florin analytics rebuild"
    fresh_florin florin_telling
    start_server florin_telling "$url"
    start_receiver
    for _ in 1 2; do
        make_webhook
    done
    connections=$batch_connections load_postgres florin_telling "$work/telling.json" batch
    events=$(telling_number "SELECT COALESCE(MAX(last_position), 0) FROM stream_page")
    during=$((events / (seconds + warm_up + 1)))
    behind=$((events - $(telling_followed)))
    stopwatch_ms wait_until_followed
    events=$(telling_number "SELECT COALESCE(MAX(last_position), 0) FROM stream_page")
    after=$((behind * 1000 / (elapsed_ms + 1)))
    echo "events: $events, $during/s while money moved; the slowest consumer was $behind behind, and took $after/s in the $elapsed_ms ms after it"
    # As many as were queued by now, and no more: those that are told of themselves come later.
    delivered=$(telling_number "SELECT COUNT(*) FROM webhooks_delivery WHERE status = 'DELIVERED'")
    stopwatch_ms sleep 20
    webhooks=$((($(telling_number "SELECT COUNT(*) FROM webhooks_delivery WHERE status = 'DELIVERED'") - delivered) * 1000 / elapsed_ms))
    echo "webhooks: $webhooks/s to two endpoints of one receiver on this machine, in $elapsed_ms ms"
    echo "metrics of the server:"
    curl -fs "$server_url/metrics" | grep -E '^florin_(events_lag_seconds\{.*quantile="0.99"|webhook_tries_total|webhook_backlog)' || true
    stop_server
    stop_receiver
    stopwatch_ms florin_on "$url" analytics rebuild > "$work/rebuild.txt"
    cat "$work/rebuild.txt"
    counted=$((events * 1000 / (elapsed_ms + 1)))
    echo "analytics: $events events counted anew in $elapsed_ms ms, $counted/s, its start included"
    verdict "telling: consumers, events/s after the load" "$after" at-least 15000
    verdict "telling: analytics, events/s" "$counted" at-least 20000
    verdict "telling: webhooks/s" "$webhooks" at-least 1000
}

telling_number() {
    sql florin_telling "$1"
}

# How far the slowest consumer is.
telling_followed() {
    telling_number "SELECT COALESCE(MIN(position), 0) FROM stream_subscription"
}

# Until nobody is behind what was there, ten minutes at most.
wait_until_followed() {
    local goal
    goal=$(telling_number "SELECT COALESCE(MAX(last_position), 0) FROM stream_page")
    for _ in {1..6000}; do
        [[ $(telling_followed) -lt $goal ]] || return 0
        sleep 0.1
    done
    fail "the consumers do not come to the end"
}

# A server that answers 204 to everything, on connections that stay open.
start_receiver() {
    receiver_port=$(free_port 18180)
    python3 - "$receiver_port" << 'PYTHON' &
import asyncio, sys

async def answer(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()

async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

asyncio.run(main())
PYTHON
    receiver_pid=$!
}

stop_receiver() {
    [[ -z ${receiver_pid:-} ]] || kill "$receiver_pid" 2> /dev/null || true
    receiver_pid=
}

# For the customer whose accounts move.
make_webhook() {
    local token
    token=$(curl -fs "$server_url/api/auth/login" -H 'Content-Type: application/json' \
        -d '{"username":"bench","password":"load-generator-sandbox-only"}' \
        | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')
    [[ -n $token ]] || fail "nobody can log in"
    curl -fs "$server_url/api/webhooks" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        -d "{\"url\":\"http://127.0.0.1:$receiver_port/hook\",\"types\":[\"payments.*\"]}" > /dev/null || fail "no webhook can be made"
}
