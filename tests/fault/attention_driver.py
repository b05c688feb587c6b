"""A second process on a shop: reads one command a line as JSON, does it, answers with one line.

ask      decide, `n` times at once: `{"do": "ask", "n": 20, "placement": "popup", "customer": "c1"}`; gives
         [decision id, products, no_offer] of each
cart     decide for several customers in a cart; gives [arm, products] of each
answer   respond to a decision
die      decide, and be killed right after what is recorded is on disk, or right before (`"when": "before"`)
"""

import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from crosslift.domain.decision import Action, Request, Response
from crosslift.shop import Shop
from crosslift.store import sql_pressure

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def told(decision):
    return [decision.decision_id, [offer.product_id for offer in decision.offers], decision.no_offer]


def ask(shop, n=1, placement="popup", customer="c1"):
    with ThreadPoolExecutor(n) as pool:
        made = list(pool.map(lambda _: decide(shop, placement, customer), range(n)))
    return [told(decision) for decision in made]


def decide(shop, placement, customer):
    return shop.decide_requests([Request(placement, NOW, customer, cart=("P00",), dwell_seconds=30.0)])[0]


def cart(shop, customers):
    made = shop.decide_requests([Request("cart", NOW, name, cart=("P00",)) for name in customers])
    return [[decision.arm, [offer.product_id for offer in decision.offers]] for decision in made]


def answer(shop, decision, action, product):
    return shop.respond([Response(f"{decision} {action}", decision, Action(action), NOW, product)])


def die(shop, when="after", customer="c1"):
    if when == "before":
        sql_pressure._move_on = lambda *_: kill()
    else:
        keep = shop.records.record_decisions
        shop.records.record_decisions = lambda *rows: (keep(*rows), kill())
    decide(shop, "popup", customer)


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def main():
    with Shop(Path(sys.argv[1]), clock=lambda: NOW) as shop:
        shop.decide("cart", ["P00"])
        print("ready", flush=True)
        for line in sys.stdin:
            given = json.loads(line)
            print(json.dumps(globals()[given.pop("do")](shop, **given)), flush=True)


if __name__ == "__main__":
    main()
