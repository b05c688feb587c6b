"""`make bench-measure`: what a report costs a shop: figures of a period, the funnel, and what the standing holdout earned.

    python -m benchmarks measure [DECISIONS ...]     100,000, 1,000,000 and 10,000,000 unless named

A home is made first (`benchmarks.homes`, `benchmarks.offers_made`), not measured: a customer for every ten decisions, 55 events
each, profiles learned once. The period is all but the first eleventh of two years, so that of 10,000,000 decisions and 50,000,000
events all count. Read are records out of SQLite (people, exposures, answers, contacts, trials), order lines, events and decisions
out of Parquet, the last day of decisions out of the log.

What a job does beforehand is measured apart: making the columns of the log of decisions. The report comes after it, in a process
of its own: `shop.measure`, `shop.credited.funnel_of` and `shop.earned.holdout`, one after the other in one reading. Files
are read through once before, so that they lie in the memory of the system. Where its time goes is printed beside.

A line a size and one for the growth are added to `benchmarks/results/measuring.tsv`: slope of seconds over decisions in logs, 1
is linear. Give the machine nothing else to do; the load before is in the line.
"""

import cProfile
import json
import os
import pstats
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import baskets, homes
from benchmarks.mining import REPO, Found, commit, machine, shown, written
from benchmarks.offers_made import OffersMade
from benchmarks.population import DAYS, Population
from benchmarks.steps import Figures

SIZES = (100_000, 1_000_000, 10_000_000)
DECISIONS_EACH, EVENTS_EACH = 10, 55
SINCE = homes.NOW - timedelta(days=DAYS * 10 // 11)
RESULTS = REPO / "benchmarks/results/measuring.tsv"
BUDGET_SECONDS, BUDGET_MB = 60, 8192
VERSION = 1
"""Counted up with every change of what is made."""


def main(arguments: list[str]) -> int:
    """Measure every size and print it; give 1 if one failed."""
    sizes = tuple(int(number.replace(",", "")) for number in arguments) or SIZES
    print(f"machine  {machine()}\ncommit   {commit()}\n", flush=True)
    seconds: list[float] = []
    failed = 0
    for n in sizes:
        print(f"{n:,} decisions", flush=True)
        begun, found = datetime.now(UTC), {name: apart(name, n) for name in MEASURED}
        lines = shown([line for one in found.values() for line in told(one)])
        failed += written(f"report over {n:,} decisions", begun, lines, RESULTS)
        seconds += [figures[0][1] for figures in [found["report"].get("figures")] if figures]
    if len(sizes) > 1 and len(seconds) == len(sizes):
        slope = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        last = np.log(seconds[-1] / seconds[-2]) / np.log(sizes[-1] / sizes[-2])
        print("growth", flush=True)
        at = ", ".join(f"{each:.1f} s at {size:,}" for size, each in zip(sizes, seconds, strict=True))
        grown = f"seconds grow with decisions to the power {slope:.2f}, {last:.2f} from the last size but one ({at})"
        written("growth of reports", datetime.now(UTC), shown([grown]), RESULTS)
    return int(failed > 0)


def place(n_decisions: int) -> Path:
    """Say where the home of so many decisions is, or will be; another one for another schema."""
    from crosslift.store.migrate import HEAD

    return baskets.folder() / f"measured-{n_decisions}-{HEAD}-v{VERSION}"


def make(n_decisions: int) -> Path:
    """Give the home of so many decisions, made unless it is there."""
    home = place(n_decisions)
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        hidden = home.with_name(f".{home.name}")
        for other in (hidden, *home.parent.glob(f"measured-{n_decisions}-*")):
            shutil.rmtree(other, ignore_errors=True)
        people = Population(n_decisions // DECISIONS_EACH, EVENTS_EACH)
        homes.fill(hidden, people, OffersMade(n_decisions, people).tables(), without=("decisions", "exposures"))
        hidden.rename(home)
    return home


def apart(name: str, n_decisions: int) -> Found:
    """Run one measurement in a fresh process, the home made in another before."""
    if not place(n_decisions).exists():
        subprocess.run([sys.executable, "-m", "benchmarks.measuring", "make", str(n_decisions)], check=True, cwd=REPO)
    command = [sys.executable, "-m", "benchmarks.measuring", name, str(n_decisions)]
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


def columns(n_decisions: int) -> Figures:
    """Make the columns of the log of decisions anew, all days but the last."""
    from crosslift.shop import Shop

    home, load = place(n_decisions), os.getloadavg()[0]
    with Shop(home, clock=lambda: homes.NOW) as shop:
        shop.frames.discard(shop.records.part_files("decisions"))
        begun = time.perf_counter()
        n_days = shop.decided.refresh()
        seconds = time.perf_counter() - begun
    n_bytes = sum(file.stat().st_size for file in (home / "parts/decisions").glob("*.parquet"))
    beside = f"{n_days} days, {n_bytes / 1e6:,.0f} MB, {n_decisions / seconds:,.0f} decisions/s, load before {load:.1f}"
    return [("columns of the log of decisions, by a job", seconds, "s", beside)]


def report(n_decisions: int) -> Figures:
    """Make a report."""
    from crosslift.shop import Shop
    from crosslift.shop.one_reading import one_reading

    home, load = place(n_decisions), os.getloadavg()[0]
    for file in (home / "records.db", *(home / "parts").rglob("*.parquet")):
        homes.read_through(file)
    laps: dict[str, float] = {}
    with Shop(home, clock=lambda: homes.NOW) as shop:
        asked: dict[str, Callable[[], object]] = {
            "figures": lambda: shop.measure(SINCE, homes.NOW),
            "funnel": lambda: shop.credited.funnel_of(SINCE, homes.NOW),
            "holdout": shop.earned.holdout,
        }
        begun, spent = time.perf_counter(), time.process_time()
        with one_reading():
            for name, ask in asked.items():
                since = time.perf_counter()
                _keep(n_decisions, name, ask())
                laps[name] = time.perf_counter() - since
        seconds, spent = time.perf_counter() - begun, time.process_time() - spent
        n_lines, n_events = shop.frames.order_lines(("id",)).num_rows, EVENTS_EACH * (n_decisions // DECISIONS_EACH)
    verdict = "within" if seconds <= BUDGET_SECONDS and peak_mb() <= BUDGET_MB else "BEYOND"
    went = ", ".join(f"{name} {each:.1f}" for name, each in laps.items())
    beside = f"{went}; {spent:.1f} CPU s, load before {load:.1f}; {n_decisions:,} decisions, {n_events:,} events, {n_lines:,} "
    beside += f"order lines; {verdict} {BUDGET_SECONDS} s and {BUDGET_MB:,} MB"
    return [("a report: figures, funnel and holdout", seconds, "s", beside)]


def profile(n_decisions: int) -> Figures:
    """Make a report and print where its time goes, for whoever wants to know more."""
    profiler = cProfile.Profile()
    figures = profiler.runcall(report, n_decisions)
    pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(90)
    return figures


def _keep(n_decisions: int, name: str, found: object) -> None:
    """Write what a report said beside its home, to be read and compared."""
    place(n_decisions).with_suffix(f".{name}.txt").write_text(
        "\n".join(map(str, found if isinstance(found, list) else [found]))
    )


def peak_mb() -> float:
    """Give the most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


MEASURED: dict[str, Callable[[int], Figures]] = {"columns": columns, "report": report}


if __name__ == "__main__":
    _, step, size = sys.argv
    if step == "make":
        print(make(int(size)))
    else:
        measured = partial({**MEASURED, "profile": profile}[step], int(size))()
        print(json.dumps({"figures": measured, "peak_mb": peak_mb()}))
