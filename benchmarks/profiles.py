"""`make bench-profiles`: what everybody's profiles cost a shop, learned from its home, and what one person whole costs then.

    python -m benchmarks profiles [CUSTOMERS ...]     60,000, 250,000 and 1,000,000 unless named; 20 events a customer

A home is made first and learned once (`benchmarks.homes`), neither measured. Measured is the learning of the next night, from
the files of the home to the profiles kept in it in place of the earlier ones, in a process of its own: records out of SQLite,
order lines out of the columnar copy, events part by part out of Parquet, what is sold judged by the rules of cleaning, everybody
learned and written, profiles kept in one transaction. Who is who is mapped while facts come in; learning reads the mapping.

Then `shop.customers.show`, what `GET /v1/customers/{id}` answers, of random customers and of those with the most order lines,
each asked for the first time; files are read through once before, so that they lie in the memory of the system, whatever was
pushed out of it, and pages of the database not yet in that of the process.

A line a size and one for the growth are added to `benchmarks/results/profiles.tsv`: slope of seconds over customers in logs, 1
is linear. Give the machine nothing else to do; the load before is in the line.
"""

import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from benchmarks import homes
from benchmarks.mining import REPO, Found, commit, machine, shown, written
from benchmarks.population import EVENTS_EACH
from benchmarks.steps import Figures

SIZES = (60_000, 250_000, 1_000_000)
QUICK = SIZES[0]
RESULTS = REPO / "benchmarks/results/profiles.tsv"
BUDGET_SECONDS, BUDGET_MB, BUDGET_SHOW_MS = 120, 4096, 5
N_SHOWN = 400
PHASES = {
    "reading customers": "read", "cleaning their orders": "clean", "facts": "events and facts", "values": "values",
    "models": "models", "profiles": "judge and write", "groups": "groups", "keeping profiles": "save",
}  # fmt: skip
"""Steps of learning as they are told, and what they are called here."""


def main(arguments: list[str]) -> int:
    """Measure every size and print it; give 1 if one failed."""
    sizes = tuple(int(number.replace(",", "")) for number in arguments) or SIZES
    print(f"machine  {machine()}\ncommit   {commit()}\n", flush=True)
    seconds: list[float] = []
    failed = 0
    for n_customers in sizes:
        print(f"{n_customers:,} customers", flush=True)
        begun, found = datetime.now(UTC), {name: apart(name, n_customers) for name in MEASURED}
        lines = shown([line for one in found.values() for line in told(one)])
        failed += written(f"profiles of {n_customers:,} customers from their home", begun, lines, RESULTS)
        seconds += [figures[0][1] for figures in [found["learn"].get("figures")] if figures]
    if len(sizes) > 1 and len(seconds) == len(sizes):
        slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        print("growth", flush=True)
        at = ", ".join(f"{each:.1f} s at {size:,}" for size, each in zip(sizes, seconds, strict=True))
        written(
            "growth of profiles",
            datetime.now(UTC),
            shown([f"seconds grow with customers to the power {slope:.2f} ({at})"]),
            RESULTS,
        )
    return int(failed > 0)


def apart(name: str, n_customers: int) -> Found:
    """Run one measurement in a fresh process, the home made in another before."""
    if not homes.place(n_customers).exists():
        subprocess.run([sys.executable, "-m", "benchmarks.homes", str(n_customers)], check=True, cwd=REPO)
    command = [sys.executable, "-m", "benchmarks.profiles", name, str(n_customers)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=REPO)
    if done.returncode:
        return {"failed": done.stderr.strip()[-1500:]}
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def told(found: Found) -> list[str]:
    """Write a measurement as lines."""
    if "failed" in found:
        return [f"FAILED {found['failed']}"]
    lines = [f"{what}: {value:,.2f} {unit} ({beside})" for what, value, unit, beside in found["figures"]]
    return [*lines, f"peak {found['peak_mb']:,.0f} MB"]


def learn(n_customers: int) -> Figures:
    """Learn everybody's profiles anew."""
    from crosslift.shop import Shop

    marks: list[tuple[str, float]] = []

    def mark(step: str, *_: int) -> None:
        if step in PHASES:
            marks.append((PHASES[step], time.perf_counter()))

    load = os.getloadavg()[0]
    with Shop(homes.place(n_customers), clock=lambda: homes.NOW) as shop:
        begun, spent = time.perf_counter(), time.process_time()
        report = shop.profiles.learn(mark)
        seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    marks.append(("", begun + seconds))
    laps = ", ".join(f"{name} {until - since:.1f}" for (name, since), (_, until) in pairwise(marks))
    verdict = "within" if seconds <= BUDGET_SECONDS and peak_mb() <= BUDGET_MB else "BEYOND"
    beside = f"{laps}; {spent:.1f} CPU s, load before {load:.1f}; {report['n_people']:,} people, {report['n_orders']:,} orders, "
    beside += f"{n_customers * EVENTS_EACH:,} events; {verdict} {BUDGET_SECONDS} s and {BUDGET_MB:,} MB"
    return [("learn and keep everybody's profiles", seconds, "s", beside)]


def show(n_customers: int) -> Figures:
    """Ask for single people whole."""
    from crosslift.shop import Shop

    home, load, chance = homes.place(n_customers), os.getloadavg()[0], np.random.default_rng(1)
    with closing(sqlite3.connect(home / "records.db")) as records:
        by_lines = "select customer_id from order_lines group by 1 order by count(*) desc, 1"
        names = [name for (name,) in records.execute(by_lines)]
    random = [names[place] for place in chance.choice(np.arange(N_SHOWN, len(names)), N_SHOWN, replace=False)]
    figures: Figures = []
    homes.read_through(home / "records.db")
    with Shop(home, clock=lambda: homes.NOW) as shop:
        shop.customers.show(names[-1])
        for who, chosen in (("random customers", random), ("the busiest", names[:N_SHOWN])):
            taken = [milliseconds(lambda name=name: shop.customers.show(name)) for name in chosen]
            p50, p95 = np.quantile(taken, [0.5, 0.95])
            verdict = "within" if p95 <= BUDGET_SHOW_MS else "BEYOND"
            beside = f"p95 {p95:.2f} ms, load before {load:.1f}; {verdict} {BUDGET_SHOW_MS} ms at p95"
            figures.append((f"one person whole, {N_SHOWN} of {who}, p50", float(p50), "ms", beside))
    return figures


def milliseconds(job: Callable[[], object]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    job()
    return (time.perf_counter() - begun) * 1e3


def peak_mb() -> float:
    """Most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


MEASURED: dict[str, Callable[[int], Figures]] = {"learn": learn, "show": show}

if __name__ == "__main__":
    step, size = sys.argv[1:]
    measured = MEASURED[step](int(size))
    print(json.dumps({"step": step, "figures": measured, "peak_mb": peak_mb()}, ensure_ascii=False))
