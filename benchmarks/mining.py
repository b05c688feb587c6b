"""`make bench-mining`: how fast relations are found, beside the libraries one would otherwise use.

Each engine and each task runs in a process of its own; wall, CPU seconds and peak memory are its own. A line a suite
is added to `benchmarks/results/mining.tsv`. Peers live in an environment of their own, never in ours:

    python -m benchmarks mining --peers ~/.cache/crosslift-bench/peers --make-peers

A peer that is not installed is printed as missing. Words choose suites.
"""

import argparse
import importlib.util
import json
import math
import os
import platform
import subprocess
import sys
import venv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import baskets, retail

REPO = Path(__file__).resolve().parent.parent
RESULTS = REPO / "benchmarks/results/mining.tsv"
COLUMNS = ("date", "commit", "machine", "suite", "outcome", "seconds", "numbers")
PEERS = ("sparse_dot_topn", "implicit", "scipy", "duckdb", "polars")
TARGET_WALL, TARGET_CPU = 4.5, 5.0
Found = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Run the suites and print them; give 1 if one failed."""
    chosen = options().parse_args(arguments)
    python = peers_python(chosen.peers, chosen.make_peers)
    os.environ.setdefault("CROSSLIFT_CACHE", str(baskets.folder() / "machine-code"))
    print(f"machine  {machine()}\ncommit   {commit()}\npeers    {python or 'none: see --peers'}\n", flush=True)
    failed = 0
    for name, suite in SUITES.items():
        if chosen.words and not any(word in name for word in chosen.words):
            continue
        print(name, flush=True)
        begun = datetime.now(UTC)
        lines = suite(python, chosen.repeats)
        outcome = judge(lines)
        seconds = (datetime.now(UTC) - begun).total_seconds()
        stamp = begun.strftime("%Y-%m-%dT%H:%M:%SZ")
        append((stamp, commit(), machine(), name, outcome, f"{seconds:.1f}", " ".join("; ".join(lines).split())))
        failed += outcome == "failed"
    return int(failed > 0)


def judge(lines: list[str]) -> str:
    """Name the outcome: failed, missed (a target), incomplete (a peer or its data is missing) or passed."""
    marks = {"failed": ("FAILED",), "missed": ("NOT met", "BEYOND"), "incomplete": ("missing",)}
    return next((name for name, words in marks.items() if any(w in line for w in words for line in lines)), "passed")


def options() -> argparse.ArgumentParser:
    """Describe the command line."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="benchmarks mining", description=__doc__, formatter_class=plain)
    parser.add_argument("words", nargs="*", help="suites whose name holds one of these")
    parser.add_argument("--peers", type=Path, default=baskets.folder() / "peers", help="environment of the peers")
    parser.add_argument("--make-peers", action="store_true", help="make it and install benchmarks/peers.txt")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each engine; the median counts")
    return parser


def peers_python(folder: Path, is_made: bool) -> Path | None:
    """Give the interpreter of the peers, made first if asked; None where there is none."""
    python = folder / "bin/python"
    if is_made and not python.exists():
        venv.create(folder, with_pip=True)
        wanted = str(REPO / "benchmarks/peers.txt")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
    return python if python.exists() else None


def beside_peers(name: str, data: Path, python: Path | None, repeats: int) -> list[str]:
    """Count and keep the 100 best with every engine; say how much longer the best library takes."""
    found = {"ours": engine("ours", data, Path(sys.executable), repeats)}
    for peer in PEERS:
        found[peer] = engine(peer, data, python, 1 if name == "b1" else repeats)
    lines = [show_engine(peer, one, found["ours"]) for peer, one in found.items()]
    measured = [one for peer, one in found.items() if peer != "ours" and "wall" in one]
    if measured and "wall" in found["ours"]:
        wall = min(one["wall"] for one in measured) / found["ours"]["wall"]
        cpu = min(one["cpu"] for one in measured) / found["ours"]["cpu"]
        is_met = "met" if wall >= TARGET_WALL and cpu >= TARGET_CPU else "NOT met"
        lines.append(
            f"best library: {wall:.1f} x our wall, {cpu:.1f} x our CPU s ({TARGET_WALL} and {TARGET_CPU}: {is_met})"
        )
    exact = [one for one in found.values() if "npmi" in one]
    if not agree(exact):
        lines.append(f"FAILED: exact engines disagree: {exact}")
    return shown(lines[len(found) :], lines)


def engine(name: str, data: Path, python: Path | None, repeats: int) -> Found:
    """Run one engine; `missing` where it is not installed, `failed` where it broke."""
    if python is None:
        return {"missing": "no environment of the peers"}
    command = [python, REPO / "benchmarks/engines.py", name, data, str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPO)
    if "ModuleNotFoundError" in done.stderr:
        return {"missing": done.stderr.strip().splitlines()[-1]}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def show_engine(name: str, one: Found, ours: Found) -> str:
    """Print an engine as one line, and give it."""
    if "wall" not in one:
        line = f"{name}: FAILED {one['failed']}" if "failed" in one else f"{name}: missing ({one['missing']})"
    else:
        line = f"{name}: wall {one['wall']:.2f} s, CPU {one['cpu']:.2f} s, peak {one['peak_mb']:,.0f} MB, {one['rows']:,.0f} rows"
        if name != "ours" and "wall" in ours:
            line += f", {one['wall'] / ours['wall']:.1f} x wall, {one['cpu'] / ours['cpu']:.1f} x CPU"
    print(f"  {line}", flush=True)
    return line


def agree(exact: list[Found]) -> bool:
    """Say whether exact engines give the same rows and, but for ties at the last place, the same counts and NPMI."""
    return all(
        one["rows"] == exact[0]["rows"]
        and math.isclose(one["counts"], exact[0]["counts"], rel_tol=1e-6)
        and math.isclose(one["npmi"], exact[0]["npmi"], rel_tol=1e-6)
        for one in exact[1:]
    )


def task(name: str, data: Path) -> list[str]:
    """Run one of our own tasks and print its figures."""
    command = [sys.executable, "-m", "benchmarks.tasks", name, data]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPO)
    if done.returncode:
        return shown([f"FAILED {done.stderr.strip()[-1500:]}"])
    found = json.loads(done.stdout.splitlines()[-1])
    lines = [f"{what}: {value:.2f} {unit} ({beside})" for what, value, unit, beside in found["figures"]]
    return shown([*lines, f"peak {found['peak_mb']:,.0f} MB"])


def growth(_python: Path | None, _repeats: int) -> list[str]:
    """Count four sizes; the exponent of CPU seconds in pair increments should be 1."""
    lines, points = [], []
    for name in baskets.SIZES:
        data = baskets.make(name)
        lines += task("counting", data)
        seconds, increments = float(lines[-2].split(": ")[1].split()[0]), lines[-2].split("(")[1].split()[0]
        points.append((math.log(float(increments.replace(",", ""))), math.log(seconds)))
    (x_first, y_first), (x_last, y_last) = points[0], points[-1]
    slope = f"CPU seconds grow with increments to the power {(y_last - y_first) / (x_last - x_first):.2f}"
    return lines + shown([slope])


def shown(lines: list[str], given: list[str] | None = None) -> list[str]:
    """Print lines, and give them (or all that belong to them)."""
    for line in lines:
        print(f"  {line}", flush=True)
    return lines if given is None else given


def on_retail(python: Path | None, repeats: int) -> list[str]:
    """Count the real shop, where its file is there."""
    data = retail.make()
    if data is None:
        return shown(["missing: the Online Retail file; see benchmarks/retail.py"])
    return beside_peers("retail", data, python, repeats)


SUITES = {
    "count and top 100, b01": lambda python, repeats: beside_peers("b01", baskets.make("b01"), python, repeats),
    "count and top 100, b1": lambda python, repeats: beside_peers("b1", baskets.make("b1"), python, repeats),
    "count and top 100, Online Retail": on_retail,
    "same-basket relations from Parquet, b1": lambda *_: task("relations", baskets.make("b1")),
    "markets and seasons, b1": lambda *_: task("conditions", baskets.make("b1")),
    "sequences, b01": lambda *_: task("sequences", baskets.make("b01")),
    "sequences, b1": lambda *_: task("sequences", baskets.make("b1")),
    "growth over four sizes": growth,
    "distance to the memory limit, b1": lambda *_: task("limit", baskets.make("b1")),
    "many products, large baskets": lambda *_: task("wide", baskets.make("b01", n_items=100_000)),
    "CSV to parts, b1": lambda *_: task("csv", baskets.make("b1")),
    "refresh after a day and after a merge, b01": lambda *_: task("refresh", baskets.make("b01")),
    "refresh after a day and after a merge, b1": lambda *_: task("refresh", baskets.make("b1")),
}


def append(row: tuple[str, ...], results: Path = RESULTS) -> None:
    """Add one line, with the header first where the file is new."""
    is_new = not results.exists()
    with results.open("a", encoding="utf-8") as file:
        if is_new:
            file.write("\t".join(COLUMNS) + "\n")
        file.write("\t".join(row) + "\n")


def written(suite: str, begun: datetime, lines: list[str], results: Path) -> bool:
    """Judge the lines of a suite and add it to its results; tell whether it failed."""
    seconds, outcome = (datetime.now(UTC) - begun).total_seconds(), judge(lines)
    at = begun.strftime("%Y-%m-%dT%H:%M:%SZ")
    append((at, commit(), machine(), suite, outcome, f"{seconds:.1f}", "; ".join(lines)), results)
    return outcome == "failed"


def machine() -> str:
    """Name processor, cores, memory and Python, as the long tests do."""
    names = [
        line.split(":")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = names[0].strip() if names else platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def commit() -> str:
    """Name the commit; `+` at the end where files differ from it, as the long tests do."""
    where = REPO / "tests/long.py"
    spec = importlib.util.spec_from_file_location("long_tests", where)
    if spec is None or spec.loader is None:
        return "unknown+"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.find_commit(REPO))
