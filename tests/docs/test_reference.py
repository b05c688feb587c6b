"""The reference says what the code says."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Annotated

import pytest

import crosslift.errors
from crosslift.settings import KNOBS


@pytest.fixture(scope="module")
def generate(load_script):
    return load_script("docs/generate.py")


def test_every_reference_page_is_up_to_date(generate):
    assert generate.out_of_date() == [], "run `make docs`"


def test_every_setting_is_in_the_manual_with_its_variable(generate):
    page = generate.pages()["settings.md"]
    for knob in KNOBS:
        assert f"| `{knob.name}` |" in page
        assert f"`{knob.variable}`" in page


def test_every_error_is_in_the_manual_and_in_the_drawing_of_the_tree(generate):
    page = generate.pages()["errors.md"]
    errors = [one for _, one in generate._descendants(crosslift.errors.CrossliftError)]
    assert len({one.code for one in errors}) == len(errors)
    for error in errors:
        assert f"`{error.__name__}` | `{error.code}`" in page
        assert error.__name__ in crosslift.errors.__doc__


def test_a_page_waits_for_its_module(generate):
    assert generate.exists("crosslift.errors")
    assert not generate.exists("crosslift.no_such_room.no_such_file")


def test_a_left_over_page_is_out_of_date(generate, tmp_path):
    for name, text in generate.pages().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert generate.out_of_date(tmp_path) == []
    (tmp_path / "gone.md").write_text("")
    assert generate.out_of_date(tmp_path) == ["gone.md"]


def test_commands_are_listed_with_arguments_options_and_defaults(generate):
    import typer

    app = typer.Typer()
    keys = typer.Typer()
    app.add_typer(keys, name="keys", help="Keys of the shop.")

    @app.callback()
    def root(home: Annotated[str, typer.Option(help="Folder | of the shop.")] = "."): ...

    @app.command()
    def decide(skus: list[str], k: Annotated[int, typer.Option("-k", help="How many.")] = 3, explain: bool = False):
        """Answer now."""

    @keys.command("new")
    def new(name: str = ""):
        """Make a key."""

    page = generate.commands_page(SimpleNamespace(app=app))
    assert '| `--home` | `"."` | Folder \\| of the shop. |' in page
    assert "## crosslift decide\n\n```\ncrosslift decide SKUS...\n```\n\nAnswer now." in page
    assert "| `-k` | `3` | How many. |" in page
    assert "| `--explain`, `--no-explain` | `false` |" in page
    assert "## crosslift keys new" in page
    assert "install-completion" not in page


def test_endpoints_are_listed_with_parameters_and_answers(generate):
    operation = {
        "summary": "Why this was offered.",
        "parameters": [{"name": "id", "in": "path", "required": True, "description": "Decision."}],
        "responses": {"404": {"description": "Nobody knows it."}, "200": {"description": "The decision."}},
    }
    document = {"paths": {"/v1/decisions/{id}": {"get": operation, "parameters": []}}}
    page = generate.endpoints_page(SimpleNamespace(document=lambda: document))
    assert "## GET /v1/decisions/{id}\n\nWhy this was offered.\n\n| parameter |" in page
    assert "| `id` | path | yes | Decision. |" in page
    assert page.index("| 200 |") < page.index("| 404 |")


def test_figures_are_listed_with_everything_their_definition_says(generate):
    @dataclass
    class Metric:
        name: str
        formula: str
        known_weakness: str | None = None

    metrics = (
        Metric("aov", "revenue / orders", "returns come late"),
        Metric("units_per_order", "units / orders"),
    )
    page = generate.metrics_page(SimpleNamespace(METRICS=metrics))
    assert "## aov\n" in page
    assert "| formula | revenue / orders |" in page
    assert "| known weakness | returns come late |" in page
    assert page == generate.metrics_page(SimpleNamespace(METRICS={one.name: one for one in metrics}))
