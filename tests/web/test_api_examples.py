"""The documented examples run against a real server, and the page shows just what is run."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from crosslift.shop import Shop

JOBS = ("facts", "identify", "consent", "token", "decide", "respond", "redeem", "webhook")
FILES = {"sh": "api.sh", "python": "api.py", "js": "api.mjs", "php": "api.php"}
PROGRAMS = {"sh": ("sh", "curl", "openssl", "gzip"), "python": (), "js": ("node",), "php": ("php",)}
MARK = re.compile(rf"^(?:#|//) ({'|'.join(JOBS)})$", re.MULTILINE)
SERVER = """
import sys
from crosslift.shop import Shop
from crosslift.web.app import serve
with Shop(sys.argv[1]) as shop:
    serve(shop, "127.0.0.1", 0, on_ready=lambda url: print("READY", url, flush=True))
"""


@pytest.fixture(scope="module")
def world(learned_home, tmp_path_factory, now):
    """A shop with a coupon and a sender, served by a process of its own; its home, and what the examples read."""
    home = tmp_path_factory.mktemp("examples") / "home"
    shutil.copytree(learned_home, home)
    with Shop(home, clock=lambda: now) as shop:
        shop.coupons.put([{
            "campaign_id": "spring", "kind": "amount_off", "titles": {"en": "Spring"}, "value": 1000, "budget": 90_000,
            "currency": "KRW", "code": "SPRING", "ends_at": "2036-01-01T00:00:00Z", "author": "mina", "reason": "spring",
        }])  # fmt: skip
        environment = {
            "CROSSLIFT_SECRET_KEY": shop.create_key("secret", "server"), "CROSSLIFT_NO_JIT": "1",
            "CROSSLIFT_PUBLISHABLE_KEY": shop.create_key("publishable", "page"),
            "CROSSLIFT_WEBHOOK_SECRET": shop.webhooks.create("till", "facts").secret,
        }  # fmt: skip
    command = [sys.executable, "-c", SERVER, str(home)]
    given = {**os.environ, **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=given) as process:
        url = next(line.split()[1] for line in process.stdout if line.startswith("READY"))
        yield home, {**given, "CROSSLIFT_URL": url}
        process.terminate()
        process.stdout.read()


def needs(language):
    missing = [one for one in PROGRAMS[language] if shutil.which(one) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"{', '.join(missing)} missing: .ci/run installs it")
    if missing:
        pytest.skip(f"{', '.join(missing)} missing")


@pytest.mark.parametrize("language", FILES)
def test_the_example_runs_and_does_every_job(world, repo, language):
    needs(language)
    home, environment = world
    program = {"sh": "sh", "python": sys.executable, "js": "node", "php": "php"}[language]
    file = repo / "docs" / "examples" / FILES[language]
    for _ in range(2):  # and again, as somebody who tries things out does
        done = subprocess.run([program, str(file)], capture_output=True, text=True, env=environment, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    name = {"sh": "sh", "python": "py", "js": "js", "php": "php"}[language]
    with Shop(home) as shop:
        lines = shop.records.table("order_lines", ["product_id"], "order_id like ?", (f"%{name}-1%",))
        assert sorted(lines.column("product_id").to_pylist()) == ["DRIP", "FILT"]
        assert {one["identity"] for one in shop.customers.show(f"c-{name}")["identities"]} >= {
            f"anonymous:browser-{name}"
        }
        consents = shop.consents.of(f"c-{name}")["consents"]
        assert [one["is_granted"] for one in consents if one["purpose"] == "personalization"] == [True]
        used = shop.records.table("coupon_uses", ["order_id"], "order_id = ?", (f"{name}-2",))
        assert used.num_rows == 1
        assert shop.records.table("customers", ["locale"], "customer_id = ?", (f"c-{name}",)).column(0).to_pylist() == [
            "ko"
        ]


def test_each_decision_of_the_examples_was_made_once_and_shown(world):
    with Shop(world[0]) as shop:
        assert shop.records.table("exposures", ["decision_id"]).num_rows >= 1


def test_the_page_shows_just_what_is_run(repo):
    page = (repo / "docs" / "api-examples.md").read_text(encoding="utf-8")
    blocks = dict.fromkeys(FILES, "")
    for language, block in re.findall(r"^```(sh|python|js|php)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        blocks[language] += block
    for language, file in FILES.items():
        text = (repo / "docs" / "examples" / file).read_text(encoding="utf-8")
        assert tuple(MARK.findall(text)) == JOBS, file
        run = [line for line in MARK.sub("", text).splitlines() if line]
        assert [line for line in blocks[language].splitlines() if line] == run, file
