"""What lies in deploy/ names files, commands, settings and figures that exist; no image is built here."""

import importlib
import json
import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
import typer
import yaml
from prometheus_client.parser import text_string_to_metric_families

from crosslift.settings import KNOBS, Settings
from crosslift.web.figures import Figures

VARIABLE = re.compile(r"CROSSLIFT_[A-Z_]+")
FIGURE = re.compile(r"\b(?:crosslift|process)_[a-z_]+\b")
LABEL = re.compile(r"(?:\{|, |by \()([a-z_]+)(?==|!=|\))")
CREATED = {f"crosslift_{name}_created" for name in ("requests", "decisions", "degraded", "decision_seconds")}


@pytest.fixture(scope="module")
def deploy(repo):
    return {path.name: path.read_text(encoding="utf-8") for path in (repo / "deploy").rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def commands():
    return set(typer.main.get_command(importlib.import_module("crosslift.cli").app).commands)


@pytest.fixture(scope="module")
def compose(deploy):
    return yaml.safe_load(deploy["compose.yaml"])


def instructions(dockerfile):
    """Give the instructions with their arguments, comments gone and lines put together."""
    lines = [line for line in dockerfile.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line]


def values_of(deploy, compose):
    """Give every setting that a file sets, with its value."""
    found = dict(
        one.split("=", 1) for one in re.findall(r"^Environment=(\S+)$", deploy["crosslift.service"], re.MULTILINE)
    )
    (environment,) = [given for name, given in instructions(deploy["Dockerfile"]) if name == "ENV"]
    found |= dict(one.split("=", 1) for one in environment.split())
    found |= compose["services"]["crosslift"]["environment"]
    return {name: value for name, value in found.items() if name.startswith("CROSSLIFT_")}


def test_every_setting_named_exists_and_takes_its_value(deploy, compose):
    named = {name for text in deploy.values() for name in VARIABLE.findall(text)}
    assert named <= {knob.variable for knob in KNOBS}
    values = values_of(deploy, compose)
    assert named == values.keys()
    settings = Settings.load(environment=values)
    assert settings["serve.log_json"] is True
    dotted = {one for text in deploy.values() for one in re.findall(r"\bserve\.[a-z_]+", text)}
    assert dotted <= {knob.name for knob in KNOBS}


def test_the_image_copies_what_is_there_and_runs_as_nobody_special(deploy, repo, commands):
    given = instructions(deploy["Dockerfile"])
    copied = [source for name, what in given if name == "COPY" and "--from" not in what for source in what.split()[:-1]]
    assert "src" in copied
    assert [source for source in copied if not (repo / source).exists()] == []
    kept = {line[1:] for line in deploy["Dockerfile.dockerignore"].splitlines() if line.startswith("!")}
    assert kept == set(copied)
    names = [name for name, _ in given]
    last = names[len(names) - names[::-1].index("FROM") :]
    assert {"USER", "HEALTHCHECK", "ENTRYPOINT", "CMD"} <= set(last)
    assert last.index("USER") > last.index("RUN")
    said = dict(given)
    assert said["USER"] == "crosslift"
    assert json.loads(said["CMD"])[0] in commands
    assert json.loads(said["ENTRYPOINT"])[0] == "crosslift"
    for _, command in (one for one in given if one[0] == "RUN" and "apt-get" in one[1]):
        assert "rm -rf /var/lib/apt/lists/*" in command


def test_the_image_takes_every_version_of_the_lock(deploy, repo):
    """The expression of the Dockerfile, run by the same program, finds each package once with its version."""
    expression = re.search(r"sed -n '(.+?)' requirements", deploy["Dockerfile"])[1]
    lock = repo / "requirements" / "lock.txt"
    done = subprocess.run(["sed", "-n", expression, lock], capture_output=True, text=True, check=True)
    packages = [line for line in lock.read_text().splitlines() if line and line[0].isalnum()]
    assert done.stdout.splitlines() == [line.removesuffix(" \\") for line in packages]


def test_the_health_check_of_the_image_tells_whether_the_server_answers(deploy, monkeypatch):
    check = json.loads(dict(instructions(deploy["Dockerfile"]))["HEALTHCHECK"].partition("CMD ")[2])
    assert check[:2] == ["/opt/crosslift/bin/python", "-c"]
    program = compile(check[2], "HEALTHCHECK", "exec")
    asked = []

    def answers(status):
        def of(host, port, timeout):
            return SimpleNamespace(
                request=lambda *what: asked.append((host, port, *what)),
                getresponse=lambda: SimpleNamespace(status=status),
            )

        return of

    for status, is_ill in ((200, False), (503, True)):
        monkeypatch.setattr("http.client.HTTPConnection", answers(status))
        with pytest.raises(SystemExit) as left:
            exec(program, {})  # noqa: S102 - the program is ours, out of the Dockerfile
        assert bool(left.value.code) is is_ill
    assert set(asked) == {("127.0.0.1", 8765, "GET", "/healthz")}


def test_compose_reads_and_holds_together(compose, repo):
    services = compose["services"]
    ours = services["crosslift"]
    assert (repo / "deploy" / ours["build"]["context"] / ours["build"]["dockerfile"]).is_file()
    address = Settings.load(environment=ours["environment"])["records.address"]
    database = services["db"]["environment"]
    assert address == f"postgresql://{database['POSTGRES_USER']}@db:5432/{database['POSTGRES_DB']}"
    mounted = {one.partition(":")[0] for service in services.values() for one in service["volumes"]}
    assert mounted == compose["volumes"].keys()
    assert all(port.startswith("127.0.0.1:") for port in ours["ports"])
    assert "ports" not in services["db"]
    gateway = compose["networks"]["inside"]["ipam"]["config"][0]["gateway"]
    assert ours["environment"]["CROSSLIFT_SERVE_TRUSTED_PROXIES"] == gateway


def test_the_unit_starts_our_server_and_may_do_little(deploy, commands):
    unit = deploy["crosslift.service"]
    said = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))
    program, *arguments = said["ExecStart"].split()
    assert program.endswith("/crosslift")
    assert arguments[:2] == ["--home", f"/var/lib/{said['StateDirectory']}"]
    assert arguments[2] in commands
    wanted = {
        "DynamicUser": "yes",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "PrivateTmp": "yes",
        "MemoryMax": "4G",
    }
    assert wanted.items() <= said.items()


def test_systemd_understands_the_unit(deploy, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    unit = tmp_path / "crosslift.service"
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", deploy["crosslift.service"]))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    assert "crosslift" not in done.stderr, done.stderr


def test_the_proxy_leads_to_our_port_and_replaces_what_callers_claim(deploy):
    text = deploy["nginx.conf"]
    assert f"server 127.0.0.1:{Settings.load(environment={})['serve.port']};" in text
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert text.count("{") == text.count("}")
    (logged,) = re.findall(r"log_format crosslift '([^']+)';", text)
    assert "access_log /var/log/nginx/crosslift.log crosslift;" in text
    assert not {"$request", "$request_uri", "$args", "$query_string", "$http_referer"} & set(
        logged.split()
    )  # keys stand there


def test_the_board_shows_figures_and_labels_that_are_told(deploy):
    figures = Figures(lambda: 1.0)
    figures.answered("GET /healthz", 200)
    for is_degraded in (False, True):
        figures.decided(SimpleNamespace(placement="cart", no_offer=None, is_degraded=is_degraded), 0.001)
    told = [one for family in text_string_to_metric_families(figures.text().decode()) for one in family.samples]
    labels = {"job", "instance", *(label for one in told for label in one.labels)}
    board = json.loads(deploy["crosslift.json"])
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [one["query"] for one in board["templating"]["list"] if one["type"] == "query"]
    shown = {name for one in asked for name in FIGURE.findall(one)}
    assert shown <= {one.name for one in told}
    assert {one.name for one in told if one.name.startswith("crosslift_")} - shown <= {
        "crosslift_decision_seconds_count", "crosslift_decision_seconds_sum", *CREATED,
    }  # fmt: skip
    assert {label for one in asked for label in LABEL.findall(one)} <= labels
    assert {kind for panel in board["panels"] for kind in re.findall(r"\{\{(\w+)\}\}", json.dumps(panel))} <= labels
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
