"""Write the reference pages of docs/reference from the code they describe: `make docs`.

A page exists as soon as the module it describes does. `--check` writes nothing and names what is out of date.
"""

import dataclasses
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "reference"
NOTE = "Written by `make docs` from the code; do not edit."


def settings_page(module: Any) -> str:
    """List every knob with default, bounds, environment variable and help."""
    rows = [
        (f"`{knob.name}`", f"`{_toml(knob.default)}`", _bounds(knob), f"`{knob.variable}`", knob.help)
        for knob in module.KNOBS
    ]
    return _page(
        "Settings",
        "A setting comes from the command's arguments, else the environment, else `shop.toml` in the shop's "
        "folder, else its default. In the file, `learn.min_lift` is the key `min_lift` under `[learn]`. "
        "An unknown key is refused.",
        _table(("setting", "default", "allowed", "environment", "what it does"), rows),
    )


def errors_page(module: Any) -> str:
    """Draw the tree of errors, with stable code and exit code."""
    rows = []
    for depth, error in _descendants(module.CrossliftError):
        name = f"{'&emsp;' * depth}`{error.__name__}`"
        rows.append((name, f"`{error.code}`", str(error.exit_code), _first_line(error)))
    return _page(
        "Errors",
        "Every error says what happened, to which id, and what to do. Each belongs to the one above it that "
        "is indented less. The code is stable and stands in the API's answer; the exit code ends a command.",
        _table(("error", "code", "exit code", "meaning"), rows),
    )


def commands_page(module: Any) -> str:
    """List every command of the command line with its arguments and options."""
    import typer

    root = typer.main.get_command(module.app)
    parts = [_options(root)]
    for name, command in _commands(root, "crosslift"):
        usage = " ".join([name, *(_argument(one) for one in _shown(command) if not _is_option(one))])
        parts += [f"## {name}", f"```\n{usage}\n```", _plain(command.help), _options(command)]
    intro = "`crosslift <command> --help` says the same. Options before the command hold for all of them."
    return _page("Commands", intro, *(part for part in parts if part))


def endpoints_page(module: Any) -> str:
    """List every endpoint of the OpenAPI document with parameters and answers."""
    document = module.document()
    parts = []
    for path, verbs in sorted(document["paths"].items()):
        for verb, operation in verbs.items():
            if verb not in {"get", "put", "post", "patch", "delete"}:
                continue
            said = [_plain(operation.get(key)) for key in ("summary", "description")]
            inputs = [
                (
                    f"`{one['name']}`",
                    one["in"],
                    "yes" if one.get("required") else "no",
                    _plain(one.get("description")),
                )
                for one in operation.get("parameters", [])
                if "name" in one
            ]
            answers = [(code, _plain(one.get("description"))) for code, one in operation.get("responses", {}).items()]
            parts += [f"## {verb.upper()} {path}", *dict.fromkeys(said)]
            parts += [_table(("parameter", "in", "required", "meaning"), inputs) if inputs else ""]
            parts += [_table(("answer", "meaning"), sorted(answers)) if answers else ""]
    intro = "A running server shows the whole document, with every schema, as OpenAPI."
    return _page("Endpoints", intro, *(part for part in parts if part))


def metrics_page(module: Any) -> str:
    """List every figure with all that its definition says."""
    metrics = module.METRICS.values() if isinstance(module.METRICS, dict) else module.METRICS
    parts = []
    for metric in metrics:
        said = {field.name: getattr(metric, field.name) for field in dataclasses.fields(metric)}
        rows = [(key.replace("_", " "), _said(value)) for key, value in said.items() if key != "name" and _said(value)]
        parts += [f"## {said['name']}", _table(("", ""), rows)]
    intro = (
        "Each figure has one definition, used wherever it is shown. "
        "How they are estimated: [How we measure](../how-we-measure.md)."
    )
    return _page("Figures", intro, *parts)


def policy_page(module: Any) -> str:
    """List every key of a policy's text, table by table, with what is expected and what it says."""
    tables = module.POLICY.tables()
    headed = {heading.strip("[]") for heading, _ in tables}
    top = [key for key in module.POLICY.fields if key.key not in headed]
    parts = []
    for heading, keys in [("Before the first heading", top), *tables]:
        rows = [(f"`{key.key}`", key.form.said, "yes" if key.is_needed else "", key.about) for key in keys]
        parts += [f"## {heading}", _table(("key", "what is written", "needed", "what it says"), rows)]
    return _page(
        "The text of a policy",
        "How policies are written, compared and published: [Policies](../policies.md). Keys under `when` and `stops` are "
        'written with a dot (`when.placements = ["cart"]`) or under a heading of their own (`[rules.when]`).',
        *parts,
    )


PAGES: dict[str, tuple[str, Callable[[Any], str], str]] = {
    "settings.md": ("crosslift.settings", settings_page, "Settings"),
    "commands.md": ("crosslift.cli", commands_page, "Commands"),
    "endpoints.md": ("crosslift.web.openapi", endpoints_page, "Endpoints"),
    "metrics.md": ("crosslift.measure.metrics", metrics_page, "Figures"),
    "policy.md": ("crosslift.domain.policy_fields", policy_page, "The text of a policy"),
    "errors.md": ("crosslift.errors", errors_page, "Errors"),
}
"""File name: the module it describes, how, and its title."""


def pages() -> dict[str, str]:
    """Give every page whose module exists, by file name, and the list of them."""
    there = {name: entry for name, entry in PAGES.items() if exists(entry[0])}
    found = {name: write(importlib.import_module(module)) for name, (module, write, _) in there.items()}
    listed = "\n".join(f"- [{title}]({name})" for name, (_, _, title) in there.items())
    return {"index.md": _page("Reference", "", listed), **found}


def exists(module: str) -> bool:
    """Say whether a module is there as a file; a folder alone is not yet a module."""
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return False
    return spec is not None and spec.origin is not None


def out_of_date(folder: Path = HERE) -> list[str]:
    """Name the files of the folder that differ from what the code says, are missing or are left over."""
    wanted = pages()
    written = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | written.keys() if wanted.get(name) != written.get(name))


def main() -> int:
    """Write the pages, or with `--check` say what is out of date."""
    stale = out_of_date()
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/reference/{name} is out of date: run `make docs`", file=sys.stderr)
        return int(bool(stale))
    wanted = pages()
    HERE.mkdir(exist_ok=True)
    for name in stale:
        if name in wanted:
            (HERE / name).write_text(wanted[name], encoding="utf-8")
        else:
            (HERE / name).unlink()
    print(f"docs/reference: {len(wanted)} pages, {len(stale)} changed")
    return 0


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", NOTE, *(part for part in parts if part)]) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ((_cell(cell) for cell in line) for line in (head, ("---",) * len(head), *rows))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _bounds(knob: Any) -> str:
    if knob.low is None and knob.high is None:
        return {bool: "true, false", str: "text"}.get(knob.type, "number")
    if knob.high is None:
        return f"from {knob.low:g}"
    return f"to {knob.high:g}" if knob.low is None else f"{knob.low:g} to {knob.high:g}"


def _descendants(error: type, depth: int = 0) -> Iterator[tuple[int, Any]]:
    yield depth, error
    for child in error.__subclasses__():
        if child.__module__ == error.__module__:
            yield from _descendants(child, depth + 1)


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, command in getattr(group, "commands", {}).items():
        if not command.hidden:
            yield f"{name} {word}", command
            yield from _commands(command, f"{name} {word}")


def _shown(command: Any) -> list[Any]:
    completion = {"install_completion", "show_completion"}
    return [one for one in command.params if not one.hidden and one.name not in completion]


def _is_option(parameter: Any) -> bool:
    return parameter.opts[0].startswith("-")


def _argument(parameter: Any) -> str:
    name = parameter.name.upper() + ("..." if parameter.nargs != 1 else "")
    return name if parameter.required else f"[{name}]"


def _options(command: Any) -> str:
    rows = []
    for one in _shown(command):
        words = (*one.opts, *one.secondary_opts) if _is_option(one) else (_argument(one),)
        rows.append((", ".join(f"`{word}`" for word in words), _default(one), _plain(one.help)))
    return _table(("argument or option", "default", "meaning"), rows) if rows else ""


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    nothing = parameter.default is None or parameter.default in ("", (), []) or callable(parameter.default)
    return "" if nothing else f"`{_toml(parameter.default)}`"


def _plain(text: str | None) -> str:
    return inspect.cleandoc(text or "").replace("\b", "").split("\f", 1)[0].strip()


def _said(value: Any) -> str:
    if value is None or callable(value):
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)


if __name__ == "__main__":
    sys.exit(main())
