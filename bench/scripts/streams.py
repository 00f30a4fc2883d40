"""Listens to /api/stream as many customers with many streams, and pays: how much memory the server takes for it, how late an event
is on the streams that it concerns, and whether streams that are cut and come back miss or repeat one.

    streams.py URL SERVER_PID USERS STREAMS_OF_EACH PAYMENTS CUTS

Prints one line of JSON. Uses nothing but Python's standard library.
"""

import asyncio
import json
import random
import sys
import time
import urllib.request
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

PASSWORD = "load-generator-sandbox-only"
PAYMENTS_A_SECOND = 20


def call(url, token, method, path, body=None, key=False):
    request = urllib.request.Request(url + path, method=method)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if key:
        request.add_header("Idempotency-Key", str(uuid.uuid4()))
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data, timeout=60) as reply:
        return json.load(reply)


class Customer:
    def __init__(self, url, name):
        body = {"username": name, "password": PASSWORD}
        self.token = call(url, None, "POST", "/api/auth/register", body)["accessToken"]
        self.account = call(url, self.token, "POST", "/api/accounts", {"type": "CHECKING", "currency": "USD"})["id"]


class Stream:
    """One connection that is opened again, after the last event that it saw, whenever it is cut."""

    def __init__(self, place, token):
        self.place, self.token = place, token
        self.last = None
        self.seen = []
        self.writer = None
        self.open = asyncio.Event()
        self.resets = 0

    async def run(self):
        while True:
            try:
                await self.once()
            except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
                pass
            self.open.clear()

    async def once(self):
        reader, self.writer = await asyncio.open_connection(*self.place)
        try:
            last = "" if self.last is None else f"Last-Event-ID: {self.last}\r\n"
            head = f"GET /api/stream?topics=payments HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n{last}\r\n"
            self.writer.write(head.encode())
            status = await reader.readline()
            if b" 429 " in status:
                # The one that was cut has not been noticed yet.
                await asyncio.sleep(0.5)
                return
            if b" 200 " not in status:
                raise SystemExit(f"a stream was refused: {status}")
            self.open.set()
            event = {}
            while line := await reader.readline():
                # Lines of chunks have no colon, and comments begin with one.
                name, colon, value = line.decode().strip().partition(": ")
                if name in ("id", "event", "data") and colon:
                    event[name] = value
                elif not name and "data" in event:
                    self.hear(event)
                    event = {}
                elif event.get("event") == "reset":
                    self.resets += 1
                    event = {}
        finally:
            self.writer.close()

    def hear(self, event):
        self.last = event["id"]
        if event["event"] == "payments.transaction_settled":
            self.seen.append((json.loads(event["data"])["subject"], time.monotonic()))

    def cut(self):
        self.open.clear()
        self.writer.transport.abort()


def memory_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


async def main(url, pid, users, each, payments, cuts):
    place = (urlsplit(url).hostname, urlsplit(url).port)
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(16)
    run = uuid.uuid4().hex[:8]
    made = [loop.run_in_executor(pool, Customer, url, f"s{run}n{number}") for number in range(users)]
    customers = await asyncio.gather(*made)
    payer = customers[0]
    deposit = {"type": "DEPOSIT", "destinationAccountId": payer.account, "amount": "1000000.00", "currency": "USD"}
    await loop.run_in_executor(pool, call, url, payer.token, "POST", "/api/transactions", deposit, True)

    # What came before is told to nobody.
    await asyncio.sleep(2)
    before = memory_kib(pid)
    streams = [[Stream(place, customer.token) for _ in range(each)] for customer in customers]
    flat = [stream for of_one in streams for stream in of_one]
    tasks = []
    for start in range(0, len(flat), 200):
        tasks += [asyncio.create_task(stream.run()) for stream in flat[start : start + 200]]
        await asyncio.wait_for(asyncio.gather(*(stream.open.wait() for stream in flat[start : start + 200])), 60)
    await asyncio.sleep(3)
    listening = memory_kib(pid)

    sent, expected = {}, defaultdict(set)

    async def pay():
        number = random.randrange(1, users)
        body = {
            "sourceAccountId": payer.account,
            "destinationAccountId": customers[number].account,
            "amount": "0.01",
            "currency": "USD",
        }
        begun = time.monotonic()
        paid = await loop.run_in_executor(pool, call, url, payer.token, "POST", "/api/transactions/transfer", body, True)
        sent[paid["id"]] = begun
        expected[0].add(paid["id"])
        expected[number].add(paid["id"])

    async def pay_all(count):
        paying = []
        for _ in range(count):
            paying.append(asyncio.create_task(pay()))
            await asyncio.sleep(1 / PAYMENTS_A_SECOND)
        await asyncio.gather(*paying)

    await pay_all(payments)
    await asyncio.sleep(2)
    delays = sorted(at - sent[subject] for stream in flat for subject, at in stream.seen if subject in sent)

    async def cut_all(seconds):
        for _ in range(cuts):
            stream = random.choice(flat)
            await asyncio.wait_for(stream.open.wait(), 60)
            stream.cut()
            await asyncio.sleep(seconds / cuts)

    again = payments
    await asyncio.gather(pay_all(again), cut_all(again / PAYMENTS_A_SECOND))
    await asyncio.sleep(5)
    gaps = repeats = 0
    for number, of_one in enumerate(streams):
        for stream in of_one:
            seen = [subject for subject, _ in stream.seen if subject in sent]
            gaps += len(expected[number] - set(seen))
            repeats += len(seen) - len(set(seen))
    peak = memory_kib(pid)
    for task in tasks:
        task.cancel()
    print(
        json.dumps(
            {
                "streams": len(flat),
                "memoryMiB": round((listening - before) / 1024),
                "memoryAfterMiB": round((peak - before) / 1024),
                "events": len(delays),
                "p50Ms": round(delays[len(delays) // 2] * 1000),
                "p99Ms": round(delays[len(delays) * 99 // 100] * 1000),
                "cuts": cuts,
                "gaps": gaps,
                "repeats": repeats,
                "resets": sum(stream.resets for stream in flat),
            }
        )
    )


if __name__ == "__main__":
    server, *numbers = sys.argv[1:]
    asyncio.run(main(server, *(int(number) for number in numbers)))
