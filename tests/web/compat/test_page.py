"""The page for those who come from elsewhere: its examples run against the doors, and what it names is there."""

import re

import boto3
import pytest

from crosslift.settings import Settings
from crosslift.web.compat import bindings, personalize, personalize_filters
from crosslift.web.compat.call import Call


@pytest.fixture(scope="module")
def page(repo):
    return (repo / "docs/coming-from.md").read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("number", range(4))
def test_the_examples_run(site, page, number):
    code = blocks(page, "python")[number].replace("http://127.0.0.1:8765", site.url).replace("sk_your-key", site.secret)
    told = []
    exec(compile(code, f"example {number}", "exec"), {"print": told.append})  # noqa: S102 - our own page
    assert all(told)


def test_every_example_was_run(page):
    assert len(blocks(page, "python")) == 4


def test_the_settings_of_the_page_can_be_read(page, tmp_path):
    for text in blocks(page, "toml"):
        file = tmp_path / "shop.toml"
        file.write_text(text, encoding="utf-8")
        settings = Settings.load(file=file, environment={})
        bindings.bindings(settings)
        for line in settings["compat.filters"].splitlines():
            name, _, expression = line.partition(":")
            assert not name or personalize_filters.read(expression, {"MAX": "3"}).clauses


@pytest.mark.parametrize("service", ["personalize-runtime", "personalize-events"])
def test_every_operation_of_personalize_is_answered_and_told(page, service):
    model = boto3.client(
        service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x" * 20
    ).meta.service_model
    for name in model.operation_names:
        assert name in page
        assert personalize.Personalize().find(
            Call(None, "POST", model.operation_model(name).http["requestUri"], {}, {})
        )
