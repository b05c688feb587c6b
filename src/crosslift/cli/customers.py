"""`crosslift customers`: who somebody is, what they allowed, a copy for them, erasure; merges and splits with their log."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosslift.cli import contact_time, figures, likely, peace, segments
from crosslift.cli.output import Context, as_json, say, table
from crosslift.errors import BadInput, BadUsage

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Who = Annotated[str, typer.Argument(help="A customer id, or any identity as kind:value.")]
Author = Annotated[str, typer.Option(help="Who says so; kept in the log.")]


def add(app: typer.Typer) -> None:
    """Register the verb."""
    verb = typer.Typer(help="Know the customer, keep the promise.", no_args_is_help=True, rich_markup_mode=None)
    for command in (show, log, identify, merge, split, rejoin, consents, renewals, export, erase, idle, retain):
        verb.command(command.__name__)(command)
    segments.add(verb)
    likely.add(verb)
    peace.add(verb)
    contact_time.add(verb)
    app.add_typer(verb, name="customers")


def show(context: typer.Context, customer: Who, language: segments.Language = None, json: Json = False) -> None:
    """Show one person whole: names, profile, holdings, consents, the newest of everything and where it came from."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.customers.show(customer, language=language)
    if json:
        as_json(found)
        return
    say(f"{found['person_id']}, known under {len(found['identities'])} names")
    table(("identity", "because"), [(one["identity"], one["because"] or "-") for one in found["identities"]])
    for name in ("owned", "holdings", "accounts"):
        if found[name]:
            say(f"{name:10s} {', '.join(found[name])}")
    if found["consents"]:
        table(
            ("purpose", "channel", "allowed", "entry"),
            [
                (one["purpose"], one["channel"], "yes" if one["is_granted"] else "no", str(one["entry"]))
                for one in found["consents"]
            ],
        )
    else:
        say("allowed    nothing: decisions use page, cart and product facts alone")
    _print_profile(found["profile"], found["told"])
    table(("rows of", "count"), [(name, str(n)) for name, n in sorted(found["counts"].items())])


def _print_profile(profile: dict[str, Any] | None, told: list[dict[str, Any]]) -> None:
    if profile is None:
        say("profile    none yet; `crosslift learn` makes it")
        return
    from crosslift.domain.profile import PROFILE_COLUMNS

    left_out = ("person_id", "unknown", "provenance")
    rows = [
        (name, figures.of_profile(value, PROFILE_COLUMNS[name], profile["currency"] or ""))
        for name, value in profile.items()
        if name not in left_out and value not in (None, [], {}, ())
    ]
    table(("figure", "value"), rows)
    say("in words")
    for one in told:
        say(f"  {one['text']}")


def log(context: typer.Context, customer: Who, json: Json = False) -> None:
    """List what joined and parted a person's identities, oldest first."""
    from dataclasses import asdict

    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        changes = shop.customers.log(customer)
    if json:
        as_json([asdict(change) for change in changes])
        return
    _print_changes(changes)


def _print_changes(changes: Any) -> None:
    table(
        ("version", "when", "identity", "from", "to", "because", "by"),
        [
            (str(x.version), figures.instant(x.at), x.identity, x.from_person, x.to_person, x.because, x.author or "-")
            for x in changes
        ],
    )


def identify(
    context: typer.Context,
    customer: Annotated[str, typer.Argument(help="The customer id.")],
    names: Annotated[
        list[str], typer.Argument(help="Further identifiers as kind:value, such as email:jane@example.org.")
    ],
    market: Annotated[str | None, typer.Option(help="Where a national phone number is meant.")] = None,
    json: Json = False,
) -> None:
    """Say under which further names a customer is known."""
    from crosslift.shop import Shop

    given: Context = context.obj
    pairs = [name.partition(":") for name in names]
    wrong = [name for name, (_, colon, _) in zip(names, pairs, strict=True) if not colon]
    if wrong:
        raise BadUsage(f"{wrong[0]!r} is no kind:value; write email:jane@example.org")
    with Shop(given.home) as shop:
        found = shop.customers.identify(customer, {kind: value for kind, _, value in pairs}, market)
    if json:
        as_json(found)
        return
    say(f"{found['person_id']}: {', '.join(found['identities'])}")
    if found["left_out"]:
        say(f"left out, as they name nobody or more than one person: {', '.join(found['left_out'])}")


def merge(context: typer.Context, first: Who, second: Who, author: Author) -> None:
    """State that two identities are one person."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        _print_changes(shop.customers.merge(first, second, author))


def split(
    context: typer.Context, first: Who, second: Who, author: Author,
    reason: Annotated[str, typer.Option(help="Why; kept in the log.")],
) -> None:  # fmt: skip
    """State that two identities are two people, whatever evidence says."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        _print_changes(shop.customers.split(first, second, author, reason))


def rejoin(context: typer.Context, first: Who, second: Who, author: Author) -> None:
    """Take a split back."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        _print_changes(shop.customers.rejoin(first, second, author))


def consents(context: typer.Context, customer: Who, json: Json = False) -> None:
    """Show what a person allowed and the ledger it follows from."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.consents.of(customer)
    if json:
        as_json(found)
        return
    names = ("at", "purpose", "channel", "status", "source", "wording")
    rows = [{**row, "at": figures.instant(row["at"])} for row in found["ledger"]]
    table(names, [tuple(str(row.get(name) or "-") for name in names) for row in rows])


def renewals(
    context: typer.Context,
    within_days: Annotated[int, typer.Option(help="Due within so many days, or overdue.")] = 60,
    json: Json = False,
) -> None:
    """List consents that a law wants confirmed again."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        dues = shop.consents.renewals(within_days)
    if json:
        as_json(dues)
        return
    table(
        ("customer", "channel", "market", "due", "law"),
        [
            (due["customer_id"], due["channel"], due["market"], figures.instant(due["due_at"]), due["law"])
            for due in dues
        ],
    )


def export(
    context: typer.Context, customer: Who, out: Annotated[Path, typer.Option(help="The zip to write.")],
) -> None:  # fmt: skip
    """Write everything the shop keeps about a person into a zip for them."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        content = shop.privacy.export(customer)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", where=str(out)) from error
    say(f"{out} ({len(content):,} bytes)")


def erase(
    context: typer.Context, customer: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be taken back.")] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Remove a person from everything the shop keeps, and print the certificate."""
    from crosslift.shop import Shop

    given: Context = context.obj
    if not yes and not typer.confirm(f"Erase {customer} from {given.home}? It cannot be taken back."):
        raise BadUsage("nothing was erased")
    with Shop(given.home) as shop:
        certificate = shop.privacy.erase(customer)
    if json:
        as_json(certificate)
        return
    _print_certificate(certificate)


def _print_certificate(certificate: dict[str, Any]) -> None:
    say(f"certificate {certificate['certificate_id']}, {certificate['at']}")
    table(("removed from", "rows"), [(name, str(n)) for name, n in certificate["removed"].items()])
    searched = certificate["searched"]
    say(f"searched {searched['files']:,} files, {searched['bytes']:,} bytes: {len(certificate['found'])} traces left")


def idle(context: typer.Context, json: Json = False) -> None:
    """List whom `retain` would erase: nothing was heard of them for `privacy.idle_days`."""
    from dataclasses import asdict

    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        found = shop.privacy.idle()
    if json:
        as_json([asdict(one) for one in found])
        return
    table(
        ("person", "names", "last heard of"),
        [(one.person_id, str(len(one.identities)), figures.instant(one.last_at)) for one in found],
    )
    say(f"idle: {len(found):,}; `crosslift customers retain` erases them")


def retain(context: typer.Context, json: Json = False) -> None:
    """Delete what is past its days, and erase who is idle (settings under `privacy`)."""
    from crosslift.shop import Shop

    given: Context = context.obj
    with Shop(given.home) as shop:
        gone = shop.privacy.retain()
    if json:
        as_json(gone)
        return
    certificate = gone.pop("certificate", None)
    table(("kind", "deleted"), [(name, str(n)) for name, n in gone.items()])
    if certificate:
        _print_certificate(certificate)
