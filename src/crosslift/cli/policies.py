"""`crosslift policies`: how the shop decides, as texts: drafted, compared, published, rolled back; and the stop switch."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadInput

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Name = Annotated[str, typer.Argument(help="The policy's name.")]
File = Annotated[str, typer.Argument(help="The policy as TOML; - reads standard input.", metavar="FILE")]
Author = Annotated[str, typer.Option(help="Who does it; kept with it.")]
Reason = Annotated[str, typer.Option(help="Why; kept with it.")]
Approver = Annotated[str | None, typer.Option("--approved-by", help="Who approves it, where that is needed.")]


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(
        help="Write down how to decide, publish it, stop the shop.", no_args_is_help=True, rich_markup_mode=None
    )
    verb.command("list")(list_)
    for command in (show, check, draft, diff, publish, rollback, stop, resume, levers, schema, packs):
        verb.command(command.__name__)(command)
    app.add_typer(verb, name="policies")


def list_(context: typer.Context, json: Json = False) -> None:
    """List the policies, the version of each that is in force, and whether the shop is stopped."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found, standing = shop.policies.list(), shop.policies.standing()
    if json:
        as_json({"policies": found, "stop": standing})
        return
    rows = [
        (one["name"], one["version"], "crosslift's own" if one["is_built_in"] else one["author"], one["published_at"],
         one["draft"], ", ".join(one["packs"]))
        for one in found
    ]  # fmt: skip
    table(("policy", "in force", "by", "since", "newest draft", "packs"), rows, right=(1, 4))
    _print_stop(standing)


def show(
    context: typer.Context,
    name: Name,
    version: Annotated[int | None, typer.Option(help="By default the one in force.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="As it stands by itself, bases and packs worked in.")] = False,
    json: Json = False,
) -> None:
    """Print a policy as its author wrote it."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.policies.show(name, version)
    as_json(found) if json else say(found["resolved" if whole else "text"].rstrip("\n"))


def check(context: typer.Context, file: File, json: Json = False) -> None:
    """Read a policy and say what it would change; nothing is kept. Ends with 1 where publishing would be refused."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.policies.check(text_of(file))
    if json:
        as_json(found)
    else:
        say(f"{found['name']}: made of {', then '.join(found['precedence'])}; the later wins")
        _print_changes(found["changes"])
        _print_findings(found["findings"])
    if any(one["is_severe"] for one in found["findings"]):
        raise typer.Exit(1)


def draft(context: typer.Context, file: File, author: Author, reason: Reason, json: Json = False) -> None:
    """Keep a policy as the next version of its name; it decides nothing before it is published."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        written = shop.policies.draft(text_of(file), author, reason)
    as_json(written) if json else say(f"{written['name']}, version {written['version']}, {written['state']}")


def diff(
    context: typer.Context,
    name: Name,
    version: Annotated[int | None, typer.Option(help="By default the newest.")] = None,
    json: Json = False,
) -> None:
    """Say in plain words what a version changes against the one in force."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.policies.diff(name, version)
    if json:
        as_json(found)
        return
    standing = "nothing in force" if found["from_version"] is None else f"version {found['from_version']} in force"
    say(f"{name}: version {found['to_version']} against {standing}")
    _print_changes(found["changes"])


def publish(
    context: typer.Context,
    name: Name,
    version: Annotated[int, typer.Argument(help="The version to put in force.")],
    author: Author,
    approved_by: Approver = None,
    json: Json = False,
) -> None:
    """Put a draft in force, from the very next decision on, in every process."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.policies.publish(name, version, author, approved_by)
    if json:
        as_json(done)
        return
    say(f"{name}, version {version}, is in force")
    _print_findings(done["findings"])


def rollback(
    context: typer.Context,
    name: Name,
    version: Annotated[int, typer.Argument(help="The earlier version; of a built-in policy also crosslift's own.")],
    author: Author,
    reason: Reason,
    approved_by: Approver = None,
    json: Json = False,
) -> None:
    """Put an earlier version in force again, from the very next decision on, in every process."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        done = shop.policies.rollback(name, version, author, reason, approved_by)
    as_json(done) if json else say(f"{name}, version {version}, is in force again")


def stop(context: typer.Context, author: Author, reason: Reason, json: Json = False) -> None:
    """Stop every offer of the shop, from the very next decision on, in every process."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        standing = shop.policies.stop(author, reason)
    as_json(standing) if json else _print_stop(standing)


def resume(context: typer.Context, author: Author, reason: Reason, json: Json = False) -> None:
    """Let the shop offer again."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        standing = shop.policies.resume(author, reason)
    as_json(standing) if json else _print_stop(standing)


def levers(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The policy's name.")] = "helpful",
    days: Annotated[int, typer.Option(help="How far back decisions are looked at.")] = 30,
    json: Json = False,
) -> None:
    """Say what the levers of a policy won in the last days, and what the offers they displaced were worth more."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.levers.report(name, days)
    if json:
        as_json(found)
        return
    rows = [
        (one["lever"], one["state"], one.get("until"), _share(one.get("may_win")), _share(one["share"]), one["n_won"],
         _cost(one["cost"]))
        for one in found["levers"]
    ]  # fmt: skip
    say(f"{found['policy']}, version {found['version']}: {found['n_offers']:,} offers in the last {days} days")
    table(("lever", "state", "until", "may win", "won of 90 days", "offers won", "given up"), rows, right=(3, 4, 5, 6))


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def _cost(cost: Mapping[str, Any]) -> str | None:
    if cost["amount"] is not None:
        return f"{cost['amount']} {cost['currency']}"
    lost = cost["relevance_given_up"]
    return None if lost is None else f"{lost:.1%} of relevance"


def schema() -> None:
    """Print the JSON Schema of a policy's text, for editors that complete and check it."""
    from crosslift.domain import policy_text

    as_json(policy_text.schema())


def packs(
    name: Annotated[str | None, typer.Argument(help="One pack; by default all are listed.")] = None,
    offers: Annotated[
        bool, typer.Option("--offers", help="Print its sample offers alone, to be kept and edited.")
    ] = False,
    json: Json = False,
) -> None:
    """Say what the market and sector packs hold, which law their rules stand for, and print their sample offers."""
    from crosslift.shop.packs import Packs

    known = Packs()
    if name is None:
        told = [known.told(one) for one in known]
        if json:
            as_json({"packs": told})
            return
        rows = [
            (one["name"], one["titles"]["en"], len(one["rules"]), sum(bool(rule["law"]) for rule in one["rules"]))
            for one in told
        ]
        table(("pack", "for", "rules", "of law"), rows, right=(2, 3))
        return
    found = known.told(name)
    if json:
        as_json(found)
    elif offers:
        say(found["offers"].rstrip("\n"))
    else:
        _print_pack(found)


def _print_pack(pack: Mapping[str, Any]) -> None:
    say(f"{pack['titles']['en']}: {pack['about']}")
    for one in pack["says"]:
        say(f"  {one}")
    for rule in pack["rules"]:
        law = f" [{rule['law']}]" if rule["law"] else ""
        say(f"  {rule['id']} ({rule['gate']}, {rule['code']}): {rule['reason']}{law}")
    say(f"Take its sample offers: crosslift policies packs {pack['name']} --offers > offers.toml")
    say("Put in your own ids, prices and words, then: crosslift offers put offers.toml --author … --reason …")


def text_of(file: str) -> str:
    """Read the text of a policy from a file or from standard input."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}; check the path", where=file) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("is no text in UTF-8; save it as UTF-8", where=file) from None


def _print_changes(changes: Sequence[str]) -> None:
    for one in changes or ("changes nothing",):
        say(f"  {one}")


def _print_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    for one in findings:
        say(f"  {'refused' if one['is_severe'] else 'mind'}: {one['said']}")


def _print_stop(standing: Mapping[str, Any]) -> None:
    if standing["is_stopped"]:
        say(f"The shop is stopped since {standing['at']}, by {standing['author']}: {standing['reason']}")
    else:
        say("The shop is not stopped.")
