"""`crosslift demo`: the demo shop made, collected, learned and served, in one command and without network."""

import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, progress, say
from crosslift.cli.serve import back_office
from crosslift.cli.trial import print_shortly, print_verdict

if TYPE_CHECKING:
    from crosslift.shop import Shop
    from crosslift.testing.demo import DemoFiles

FOLDER = Path("demo-home")
SETTINGS = """# Moru Coffee Supply, the demo shop. Change what you like; `crosslift doctor --settings` lists all.
[shop]
name = "Moru Coffee Supply"
currency = "KRW"
time_zone = "Asia/Seoul"
language = "en"
"""


def add(app: typer.Typer) -> None:
    """Register the verb."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Prepare, print a summary and leave; do not serve.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 picks a free one.")] = 8765,
    seed: Annotated[int, typer.Option(help="Another seed makes another demo shop.")] = 7,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Show a whole shop working: Moru Coffee Supply, 220 products, 40,000 orders."""
    from crosslift.shop import Shop
    from crosslift.testing.demo import answers

    given: Context = context.obj
    home = given.home if context.parent and context.parent.get_parameter_source("home").name != "DEFAULT" else FOLDER  # type: ignore[union-attr]
    steps: dict[str, float] = {}
    begun = time.perf_counter()
    with _step("make the shop's files", steps, json):
        files = prepare(home, seed)
    with Shop(home) as shop:
        with _step("collect", steps, json), progress(quiet=json) as bars, _compiling(shop):
            reports = shop.collect(*files.importable, progress=bars)
            shop.put_products(answers.rows())
        with _step("learn", steps, json), progress(quiet=json) as bars:
            learned = _learn(shop, any(r.n_new or r.n_replaced for r in reports), bars)
        with _step("first decision", steps, json):
            decision = shop.decide("product", [_best_pair(learned)])
        with _step("measure", steps, json):
            measured = _measured(shop)
        summary = _summary(home, files, learned, decision.decision_id, steps, time.perf_counter() - begun)
        summary["measured"] = measured
        if json:
            as_json(summary)
        else:
            _print(summary)
        if not once:
            _serve(shop, files, host, port)


@contextmanager
def _step(name: str, steps: dict[str, float], quiet: bool) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    steps[name] = round(time.perf_counter() - begun, 2)
    if not quiet:
        say(f"✓ {name:<24}{steps[name]:6.1f} s")


@contextmanager
def _compiling(shop: "Shop") -> Iterator[None]:
    """Compile the kernels in a process of its own meanwhile, where nothing was learned yet: learning would wait for them."""
    from crosslift.stats import kernels
    from crosslift.store import snapshot

    if snapshot.current_id(shop.snapshot_folder) is not None:
        yield
        return
    compiler = get_context("spawn").Process(target=kernels.warm, args=(shop.cache,), daemon=True)
    compiler.start()
    try:
        yield
        compiler.join()
    finally:
        compiler.kill()


def prepare(home: Path, seed: int) -> "DemoFiles":
    """Write the demo files completely before they get their place; files that are there already are kept."""
    from crosslift.testing.demo import files as demo_files
    from crosslift.testing.demo.process import GENERATOR_VERSION

    folder, hidden = home / "demo-files", home / ".demo-files.part"
    stamp = f"{GENERATOR_VERSION} {seed}\n"
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "shop.toml").exists():
        (home / "shop.toml").write_text(SETTINGS, encoding="utf-8")
    if (folder / "stamp").exists() and (folder / "stamp").read_text(encoding="utf-8") == stamp:
        return demo_files.paths(folder)
    shutil.rmtree(hidden, ignore_errors=True)
    demo_files.write(hidden, seed)
    (hidden / "stamp").write_text(stamp, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    hidden.rename(folder)
    return demo_files.paths(folder)


def _learn(shop: "Shop", is_new: bool, bars: Any) -> dict[str, Any]:
    """Learn, unless nothing was collected since the published snapshot."""
    from crosslift.store import snapshot

    current = snapshot.current_id(shop.snapshot_folder)
    if current is not None and not is_new:
        return {"snapshot_id": current, **snapshot.load(shop.snapshot_folder, current).texts["report"]}
    return shop.learn(progress=bars)


def _best_pair(learned: dict[str, Any]) -> str:
    return str(learned["orders_say"]["strongest_pairs"][0]["a"])


def _measured(shop: "Shop") -> dict[str, Any]:
    """Judge what the shop tried before, as `measure holdout` and `measure experiment --fixed` do."""
    from crosslift.testing.demo.trials import BROKEN, HOLDOUT, LAUNCH

    trials = {name: shop.earned.experiment(name, is_fixed=True) for name in (LAUNCH, BROKEN)}
    return {"holdout": shop.earned.holdout(HOLDOUT), "trials": trials}


def _summary(
    home: Path, files: "DemoFiles", learned: dict[str, Any], decision_id: str, steps: dict[str, float], seconds: float
) -> dict[str, Any]:
    pairs = learned["orders_say"]["strongest_pairs"]
    return {
        "home": str(home),
        "products": learned["n_products"],
        "orders": learned["n_orders"],
        "relations": learned["n_relations"],
        "products_with_relation": learned["n_products_with_relation"],
        "strongest_pair": pairs[0] if pairs else None,
        "snapshot_id": learned["snapshot_id"],
        "decision_id": decision_id,
        "newest_order_at": datetime.fromtimestamp(learned["as_of"] / 1e6, UTC).isoformat(),
        "files": str(files.folder),
        "steps_seconds": steps,
        "seconds": round(seconds, 2),
        "peak_megabytes": _peak_megabytes(),
    }


def _peak_megabytes(status: Path = Path("/proc/self/status")) -> int:
    """Give the most memory of this program; where Linux tells it, without that of a larger one that started it.

    `getrusage` keeps the peak of the memory a process had before it became this program.
    """
    with suppress(OSError):
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _print(summary: dict[str, Any]) -> None:
    pair = summary["strongest_pair"]
    say()
    say(f"{summary['orders']:,} orders of {summary['products']:,} products: {summary['relations']:,} pairs go together")
    if pair:
        say(f"  strongest: {pair['a_title']} + {pair['b_title']}, {pair['orders_with_both']:,} orders with both, "
            f"{pair['expected_by_chance']:,.0f} by chance")  # fmt: skip
    print_verdict(summary["measured"]["holdout"])
    for trial in summary["measured"]["trials"].values():
        print_shortly(trial, "orders")
    say(f"  {summary['seconds']:.0f} s, {summary['peak_megabytes']:,} MB at most; everything is in {summary['home']}")


def _serve(shop: "Shop", files: "DemoFiles", host: str, port: int) -> None:
    from crosslift.testing.demo import CATEGORIES, SHOP_NAME
    from crosslift.web.app import DemoInfo, serve

    def ready(url: str) -> None:
        say()
        say(f"storefront     {url}/")
        say(f"back office    {back_office(url, first)}")
        say(f"API reference  {url}/docs")
        if secret:
            say(f"secret key     {secret}   (shown once)")
        say("Ctrl-C stops; nothing half-done is kept")

    secret = "" if shop.records.api_keys() else shop.create_key("secret", "demo")
    first = shop.users.first_admin()
    serve(shop, host, port, on_ready=ready, demo=DemoInfo(SHOP_NAME, files.pictures, CATEGORIES))
