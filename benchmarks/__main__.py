"""`make bench`: import, learn, decide in process and over HTTP, each beside a floor; the machine is named.

Each step runs in a process of its own, so that its peak memory is its own. Ratios are what to compare between
machines; seconds belong to the machine they were measured on.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import decisions, measuring, mining, profiles, serving, steps

REPO = Path(__file__).resolve().parent.parent
RETAIL = REPO.parent / "shared/data/online_retail/online_retail.csv.gz"


def main() -> None:
    """Run the steps and print one table; `mining`, `profiles`, `decide` and what follows are other benchmarks."""
    others = {"mining": mining, "profiles": profiles, "decide": decisions, "serve": serving, "measure": measuring}
    for name, other in others.items():
        if sys.argv[1:2] == [name]:
            sys.exit(other.main(sys.argv[2:]))
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", choices=("retail", "demo"), default="retail" if RETAIL.exists() else "demo")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    done: list[dict[str, object]] = []
    report: dict[str, object] = {"machine": machine(), "commit": commit(), "data": given.data, "steps": done}
    if not given.json:
        print(f"machine  {report['machine']}\ncommit   {report['commit']}\ndata     {describe(given.data)}\n")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ["CROSSLIFT_CACHE"] = str(Path(folder) / "cache")
        files = [RETAIL] if given.data == "retail" else make_demo(Path(folder) / "files")
        for name in steps.STEPS:
            found = run_apart(name, home, files)
            done.append(found)
            if not given.json:
                show(found)
    for name in profiles.MEASURED:
        found = profiles.apart(name, profiles.QUICK)
        done.append({**found, "step": f"profiles: {name}"})
        if not given.json:
            show({**found, "step": f"profiles: {name}"})
    if given.json:
        print(json.dumps(report))


def machine() -> str:
    """Name processor, cores, memory and Python."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "?",
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def commit() -> str:
    """Name the commit, with a plus where the tree differs from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], capture_output=True, check=False, text=True, cwd=REPO
    )
    return done.stdout.strip() or "unknown"


def describe(data: str) -> str:
    """Say what is measured on."""
    return "UCI Online Retail, 541,909 rows" if data == "retail" else "the demo shop: 126,110 lines, 286,246 views"


def make_demo(folder: Path) -> list[Path]:
    """Write the demo shop's files."""
    from crosslift.testing.demo import write

    return list(write(folder).importable)


def run_apart(name: str, home: Path, files: list[Path]) -> dict[str, object]:
    """Run one step in a fresh process and read what it found."""
    command = [sys.executable, "-m", "benchmarks.steps", name, str(home), *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, cwd=REPO)
    if done.returncode:
        return {"step": name, "failed": done.stderr[-2000:]}
    return json.loads(done.stdout.splitlines()[-1])


def show(found: dict[str, object]) -> None:
    """Print one step."""
    if "failed" in found:
        print(f"{found['step']:<12} FAILED\n{found['failed']}")
        return
    print(f"{found['step']:<12} peak {found['peak_mb']:,.0f} MB")
    for what, value, unit, beside in found["figures"]:  # type: ignore[attr-defined]
        print(f"  {what:<52}{value:>14,.1f} {unit:<14}{beside}")


if __name__ == "__main__":
    main()
