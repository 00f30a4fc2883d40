#!/usr/bin/env python3
"""The history of a Czech bank (PKDD'99, "Berka") for `florin import history`, and the proof that it arrived.

    scripts/berka.py convert trans.asc > history.csv
    florin import history history.csv
    florin export balances > balances.csv
    scripts/berka.py compare trans.asc balances.csv

`compare` holds every account's balance against the exact sum of its published movements, and each day's end against
the balance that the bank itself printed. Within a day the file is not in booking order, and the bank rounded what it
printed: a day's rows are put into the order in which the printed balances chain best.
"""

import csv
import sys
from collections import defaultdict
from decimal import Decimal
from itertools import permutations

CATEGORIES = {"VKLAD": "cash", "VYBER": "cash", "VYBER KARTOU": "cash", "PREVOD Z UCTU": "transfer", "PREVOD NA UCET": "transfer"}
SYMBOLS = {"UROK": "interest", "SANKC. UROK": "interest", "SLUZBY": "fee", "UVER": "loan"}
PERMUTED_ROWS_MAX = 7


def movements(path):
    """The rows of trans.asc with exact, signed amounts."""
    with open(path, newline="", encoding="ascii") as file:
        for row in csv.DictReader(file, delimiter=";"):
            sign = 1 if row["type"] == "PRIJEM" else -1
            row["signed"] = sign * Decimal(row["amount"])
            row["day"] = f"19{row['date'][:2]}-{row['date'][2:4]}-{row['date'][4:]}"
            yield row


def category(row):
    symbol = row["k_symbol"].strip()
    return SYMBOLS.get(symbol) or CATEGORIES.get(row["operation"]) or "transfer"


def convert(path):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow("external_id,account,value_date,amount,currency,category,counterparty,description".split(","))
    for row in movements(path):
        if row["signed"] == 0:
            print(f"left out {row['trans_id']}: it moves nothing", file=sys.stderr)
            continue
        counterparty = "/".join(part for part in (row["account"], row["bank"]) if part and part != "0")
        description = " ".join(part for part in (row["operation"], row["k_symbol"].strip()) if part)
        fields = (row["trans_id"], row["account_id"], row["day"], f"{row['signed']:.2f}", "CZK", category(row))
        writer.writerow((*fields, counterparty, description))


def worst_step(before, rows):
    """How far the printed balances are from chaining in this order, at the worst step."""
    worst = Decimal(0)
    for row in rows:
        worst = max(worst, abs(before + row["signed"] - Decimal(row["balance"])))
        before = Decimal(row["balance"])
    return worst


def in_booking_order(before, rows):
    """The day's rows in the order in which the printed balances chain best; greedy where there are very many."""
    if len(rows) <= PERMUTED_ROWS_MAX:
        return min(permutations(rows), key=lambda order: worst_step(before, order))
    ordered, left = [], list(rows)
    while left:
        nearest = min(left, key=lambda row: abs(before + row["signed"] - Decimal(row["balance"])))
        left.remove(nearest)
        ordered.append(nearest)
        before = Decimal(nearest["balance"])
    return ordered


def compare(path, balances_path):
    sums, days = defaultdict(Decimal), defaultdict(lambda: defaultdict(list))
    for row in movements(path):
        sums[row["account_id"]] += row["signed"]
        days[row["account_id"]][row["day"]].append(row)
    with open(balances_path, newline="", encoding="utf-8") as file:
        ours = {row["external_ref"]: Decimal(row["balance"]) for row in csv.DictReader(file) if row["currency"] == "CZK"}
    wrong = [account for account, total in sums.items() if ours.get(account) != total]
    print(f"{len(sums)} accounts, {len(sums) - len(wrong)} balances equal the exact sum of their movements")
    for account in wrong[:10]:
        print(f"  account {account}: {ours.get(account)} instead of {sums[account]}")

    ends, beyond, chained, steps, farthest = 0, 0, 0, 0, Decimal(0)
    for account_days in days.values():
        printed, exact, allowed = Decimal(0), Decimal(0), Decimal(0)
        for day in sorted(account_days):
            rows = in_booking_order(printed, account_days[day])
            for row in rows:
                step = abs(printed + row["signed"] - Decimal(row["balance"]))
                steps += 1
                chained += step <= Decimal("0.10")
                allowed += min(step, Decimal("0.10"))
                printed, exact = Decimal(row["balance"]), exact + row["signed"]
            ends += 1
            off = abs(exact - printed)
            farthest = max(farthest, off)
            # The bank's own rounding so far: each step may have been rounded, and the differences add up.
            beyond += off > allowed
    print(f"{steps} steps, {chained} chain within 0.10 of the printed balance before")
    print(f"{ends} days' ends, {ends - beyond} within the bank's own rounding so far; the farthest is {farthest} CZK off")
    return not wrong


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["convert", trans]:
            convert(trans)
        case ["compare", trans, balances]:
            sys.exit(0 if compare(trans, balances) else 1)
        case _:
            sys.exit(__doc__)
