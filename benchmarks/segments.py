"""Rules of segments: `python -m benchmarks.segments` asks one person in process, then everybody in bulk.

The rule has ten conditions, the person 200 recent events; four of the conditions count them. Prints one JSON line as `steps`.
"""

import json
import resource
import sys
import time

from benchmarks.steps import Figures, once, spread

RULE = (
    'orders >= 3 and recency_days < 90 and stage is not "lapse" and nps > 6 and share(category = "Coffee") > 0.3 '
    'and not consent("marketing", channel = "sms") and count("Product Viewed", last = 30 days) >= 100 '
    'and count("Product Viewed", category = "Grinders", last = 1 day) >= 2 '
    'and count("Product Added", product = "G-7", last = 30 days) = 0 '
    'and count("Content Viewed", content_id = "guide-3", last = 30 days) >= 1'
)
DAY = 86_400_000_000
NOW = 400 * DAY


def in_process() -> Figures:
    """Ask one person, all ten conditions true, so that none is spared."""
    from crosslift.domain.condition import leaves
    from crosslift.domain.membership import predicate
    from crosslift.domain.segment_grammar import parse

    rule = parse(RULE)
    reading = spread([once(lambda: parse(RULE)) for _ in range(300)])
    making = spread([once(lambda: predicate(rule)) for _ in range(300)])
    is_in, facts = predicate(rule), somebody(1)
    assert is_in(facts, NOW)
    asking = spread([once(lambda: is_in(facts, NOW)) for _ in range(5000)])
    beside = f"p99 {asking[1]:,.0f} µs; {len(list(leaves(rule)))} conditions, {len(facts.events)} events, budget 100 µs"
    return [
        ("ask one person, p50", asking[0], "µs", beside),
        ("read the rule, p50", reading[0], "µs", f"and make the function {making[0]:,.0f} µs, once a version"),
    ]


def somebody(number: int) -> object:
    """Give a person who looked around a lot and is in the segment."""
    from crosslift.domain.membership import PersonFacts, RecentEvent
    from crosslift.domain.profile import Profile, Stage

    names = ("Product Viewed", "Product Viewed", "Product Viewed", "Content Viewed")
    events = [
        RecentEvent(
            names[n % 4], NOW - n * DAY // 20, f"P-{n % 30}", f"{'Grinders' if n % 5 == 0 else 'Coffee'}/{n % 7}",
            {"content_id": f"guide-{n % 8}", "channel": "web"},
        )
        for n in range(200)
    ]  # fmt: skip
    profile = Profile(
        f"customer:{number}", NOW, n_orders=5, recency_days=12.0, stage=Stage.USE, last_nps=9.0,
        categories={"Coffee/Beans": 0.4, "Coffee": 0.1, "Grinders": 0.5},
    )  # fmt: skip
    return PersonFacts(profile, {("marketing", "*"): True, ("marketing", "sms"): False}, events=events)


def in_bulk(n_people: int = 100_000, n_events: int = 2_000_000) -> Figures:
    """Ask everybody on DuckDB, tables made beforehand."""
    import numpy as np
    import pyarrow as pa

    from crosslift.domain.segment_grammar import parse
    from crosslift.learn.customers.segment_tables import People
    from crosslift.learn.customers.segments import memberships
    from crosslift.store.duckdb import DuckdbFrames

    chance = np.random.default_rng(1)
    ids = np.char.add("customer:", np.arange(n_people).astype(str))

    def drawn(*texts: str) -> np.ndarray:
        return np.array(texts)[chance.integers(0, len(texts), n_events)]

    profiles = pa.table({
        "person_id": ids, "n_orders": chance.integers(0, 9, n_people).astype(float),
        "recency_days": chance.integers(0, 400, n_people).astype(float), "last_nps": chance.integers(0, 11, n_people) * 1.0,
        "stage": np.array(["buy", "use", "lapse"])[chance.integers(0, 3, n_people)],
    })  # fmt: skip
    shares = {"of": ["category"] * n_people, "name": ["Coffee"] * n_people, "share": chance.random(n_people)}
    consents = {
        "purpose": ["marketing"] * n_people,
        "channel": ["*"] * n_people,
        "is_granted": chance.random(n_people) < 0.5,
    }
    events = pa.table({
        "person_id": ids[chance.integers(0, n_people, n_events)], "name": drawn("Product Viewed", "Content Viewed"),
        "at": chance.integers(NOW - 40 * DAY, NOW, n_events), "product_id": drawn("G-7", "P-1", "P-2"),
        "category": drawn("Grinders/Hand", "Coffee", "Tea"), "property:content_id": drawn("guide-3", "guide-4"),
    })  # fmt: skip
    tables = {
        "profiles": profiles, "shares": pa.table({"person_id": ids, **shares}),
        "consents": pa.table({"person_id": ids, **consents}), "events": events,
    }  # fmt: skip
    people = People(**DuckdbFrames.lazies(tables))
    rules = {str(n): parse(RULE.replace(">= 3 ", f">= {n} ", 1)) for n in range(20)}
    begun, cpu = time.perf_counter(), time.process_time()
    memberships(rules, people, NOW)
    seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
    return [
        ("20 such rules of everybody", seconds, "s", f"{n_people:,} people, {n_events:,} events; {spent:.1f} s CPU")
    ]


if __name__ == "__main__":
    figures = [*in_process(), *([] if "--one" in sys.argv else in_bulk())]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"step": "segments", "figures": figures, "peak_mb": peak}, ensure_ascii=False))
