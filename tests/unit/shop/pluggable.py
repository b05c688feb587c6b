"""Packages with plugins for tests: the sample of this repository installed by pip, and little ones. Loaded by `load_script`."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

REPO = Path(__file__).resolve().parents[3]
SAMPLE = REPO / "examples" / "crosslift-sample-plugin"
ALL = "corner-till, season, season-words, by-hand, notice-file, single-item"


def install_sample(target: Path) -> Path:
    """Install the sample package as a merchant would, but offline and into a folder of its own."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
               "--disable-pip-version-check", "--target", str(target), str(SAMPLE)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


def package(folder: Path, name: str, points: Mapping[str, str], code: str, version: str = "1.0") -> Path:
    """Write an installed package: one module, and its entry points as `kind/name` to the object."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(code, encoding="utf-8")
    about = folder / f"{name}-{version}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    lines = []
    for called, thing in points.items():
        kind, _, plugin = called.partition("/")
        lines.append(f"[crosslift.{kind}]\n{plugin} = {name}:{thing}\n")
    (about / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


FAULTY = """
import threading
from crosslift.domain.plugin import GateTerms, Proposal

go_on = threading.Event()
calls = []
asked = []


class Source:
    api_version = 1
    reason = ""

    def propose(self, question):
        calls.append("source")
        asked.append(question)
        return [Proposal("P07", 0.9, {"list": "autumn"})]


class Raising(Source):
    def propose(self, question):
        calls.append("raising")
        raise RuntimeError("the model is gone")


class Hanging(Source):
    def propose(self, question):
        calls.append("hanging")
        go_on.wait(30)
        return []


class Lying(Source):
    def propose(self, question):
        calls.append("lying")
        return [Proposal("P07", 7.0)]


class Variants(Source):
    def propose(self, question):
        return [Proposal("P07-X", 0.9), Proposal("nobody", 0.8), Proposal("P07", 0.7)]


class Gate:
    api_version = 1
    terms = GateTerms("not_this_month", "Not this month.", categories=("shelf 1",))

    def judge(self, question, product_ids):
        calls.append("gate")
        raise ValueError("no table of months")


class HangingGate(Gate):
    def judge(self, question, product_ids):
        calls.append("hanging gate")
        go_on.wait(30)
        return ()


class Old(Source):
    api_version = 0
"""
"""Plugins that do what plugins should not: raise, hang, answer what cannot be, speak an older API."""
FAULTS = {
    "candidates/fine": "Source", "candidates/raising": "Raising", "candidates/hanging": "Hanging", "candidates/lying": "Lying",
    "candidates/variants": "Variants", "gates/raising-gate": "Gate", "gates/hanging-gate": "HangingGate", "candidates/old": "Old",
}  # fmt: skip
