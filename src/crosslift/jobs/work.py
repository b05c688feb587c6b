"""What each job does with a shop; each may be done twice."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crosslift.collect.findings import Severity
from crosslift.errors import BadInput, CrossliftError, NotReady, TryAgain, WillNotWork
from crosslift.jobs.fetching import fetch, files_in
from crosslift.shop import Shop

WEEK_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Done:
    """What a job did, in ids and counts; `attention` says what a person should look at."""

    said: dict[str, Any] = field(default_factory=dict)
    attention: tuple[str, ...] = ()


def collect(shop: Shop) -> Done:
    """Collect every file of the folders and addresses; one that is refused keeps no other out.

    Raises
    ------
    BadInput
        Naming the files that were refused, after all others were collected.
    TryAgain
        If an address did not answer, after all others were collected.
    """
    states, later = Counter[str](), list[str]()
    refused: list[str] = []
    for place in filter(None, map(str.strip, shop.settings["jobs.collect_from"].split(","))):
        try:
            for file in _files_of(shop, place):
                try:
                    states.update(report.state for report in shop.collect(file))
                except TryAgain:
                    raise
                except CrossliftError as error:
                    refused.append(str(error))
        except TryAgain as error:
            later.append(str(error))
        except BadInput as error:
            refused.append(str(error))
    if later:
        raise TryAgain(later[0])
    if refused:
        raise BadInput(f"{len(refused)} could not be collected: {refused[0]}", problems=tuple(refused[:5]))
    return Done({"files": dict(sorted(states.items()))})


def _files_of(shop: Shop, place: str) -> list[Path]:
    if "://" in place:
        return [fetch(place, shop.home / "cache" / "fetched")]
    return files_in(Path(place), shop.clock().timestamp())


def learn(shop: Shop) -> Done:
    """Learn from everything; a shop without orders has nothing to learn yet."""
    if not shop.frames.order_lines(("id",)).num_rows and not shop.frames.subscriptions().num_rows:
        return Done({"nothing": "no orders and no subscriptions yet"})
    report = shop.learn()
    return Done({name: report[name] for name in ("snapshot_id", "n_products", "n_relations") if name in report})


def quality(shop: Shop) -> Done:
    """Look at the data, and at plugins that were given up."""
    report = shop.quality()
    errors = [one for one in report.findings if one.severity == Severity.ERROR]
    counted = Counter(one.severity.value for one in report.findings)
    said = {"findings": dict(sorted(counted.items())), "readiness": report.readiness.verdict}
    given_up = (f"the plugin {name} was given up; `crosslift plugins` says why" for name in shop.plugins.troubled())
    return Done(said, (*(f"{one.code}: {one.message}" for one in errors), *given_up))


def retention(shop: Shop) -> Done:
    """Delete what is past its days."""
    return Done({name.replace(" ", "_"): gone for name, gone in shop.privacy.retain().items() if name != "certificate"})


def sealing(shop: Shop) -> Done:
    """Work up what came by API and seal old events."""
    return Done(shop.seal())


def renewals(shop: Shop) -> Done:
    """Count the consents that must be confirmed again; whom to ask is listed by `crosslift customers consents`."""
    dues = shop.consents.renewals(shop.settings["jobs.renewals_days"])
    overdue = sum(due["is_overdue"] for due in dues)
    said = {"due": len(dues), "overdue": overdue, "markets": dict(Counter(str(due["market"]) for due in dues))}
    told = f"{len(dues)} marketing consents are to be confirmed again, {overdue} of them are overdue"
    return Done(said, (told,) if dues else ())


def guardrails(shop: Shop) -> Done:
    """Look at the guardrails of the policies in force; what is over its limit was paused, which is told."""
    found = shop.guardrails.look()
    told = tuple(f"{one['of']} {one['target']} is paused, {one['reason']}" for one in found["paused"])
    return Done({"watched": len(found["watched"]), "paused": len(found["paused"])}, told)


def watch(shop: Shop) -> Done:
    """Hold yesterday against the eight weeks before, and the last four weeks against the four before those."""
    found = shop.watching.look()
    alarms = [f"{one['what']} {one['about']}" for one in found["alarms"]]
    told = tuple(f"{alarm} is unlike before; see `crosslift measure watch`" for alarm in alarms)
    return Done({"day": found["last"], "alarms": len(told)}, told)


def week(shop: Shop) -> Done:
    """Write the review of the last week into the folder `reviews`, in a process of its own: a page takes rendering.

    Raises
    ------
    WillNotWork
        If it cannot be written; says what the process said.
    TryAgain
        If it did not end in time.
    """
    command = [sys.executable, "-m", "crosslift", "--home", str(shop.home), "measure", "review"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WEEK_SECONDS, check=False)  # noqa: S603 - no shell: our interpreter and the shop's folder
    except subprocess.TimeoutExpired as error:
        raise TryAgain(f"the review was not written within {WEEK_SECONDS} seconds") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise WillNotWork(f"the review was not written: {said[-1] if said else 'its process ended'}")
    file = Path(done.stdout.strip().splitlines()[-1]).name
    return Done({"file": file}, (f"the review of the week is there: reviews/{file}",))


def review(shop: Shop) -> Done:
    """Count what waits for a person's eye: new strong relations, what changed since the snapshot before, alarms over agents."""
    alarms = shop.guard.alarms()["alarms"]
    said: dict[str, Any] = {"alarms": len(alarms)}
    try:
        changed = Counter(row["change"] for row in shop.changes().to_pylist())
        said |= {"to_review": shop.review_queue().num_rows, "came": changed["in"], "went": changed["out"]}
    except NotReady:
        said["nothing"] = "nothing has been learned yet"
    told = []
    if said.get("to_review"):
        told.append(f"{said['to_review']} new strong relations wait for a yes or a no")
    if alarms:
        told.append(f"{len(alarms)} figures of agents are unlike those of their team")
    return Done(said, tuple(told))


WORK: Mapping[str, Callable[[Shop], Done]] = {
    "collect": collect, "learn": learn, "quality": quality, "retention": retention, "sealing": sealing,
    "guardrails": guardrails, "watch": watch, "week": week, "renewals": renewals, "review": review,
}  # fmt: skip
