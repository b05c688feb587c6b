"""The wheel is whole: built, installed into an environment without the checkout, and the demo shop runs from it."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.ci


@pytest.fixture(scope="module")
def wheel(repo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder, repo],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("crosslift-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel in it.

    Its dependencies are those of this one, by a path file: path files that lie there, such as the one of the editable
    installation, are not read from a path that a path file names.
    """
    folder = tmp_path_factory.mktemp("installed") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--no-deps", "--no-index",
         "--ignore-installed", wheel], capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_file_of_the_package_is_in_the_wheel(wheel, repo):
    source = repo / "src"
    folders = os.walk(source / "crosslift", followlinks=True)  # the widget is a link to the root of the checkout
    files = {(Path(folder) / name).relative_to(source).as_posix() for folder, _, names in folders for name in names}
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    assert {name for name in files if "__pycache__" not in name} == {n for n in names if ".dist-info/" not in n}
    assert {Path(name).suffix for name in files} >= {".py", ".mo", ".html", ".css", ".toml", ".typed"}
    assert "crosslift/web/browser/widget/track.js" in names


def test_the_demo_runs_from_the_wheel_alone(installed, repo, tmp_path, crosslift_cache):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CROSSLIFT", "COV"))}
    clean["CROSSLIFT_CACHE"] = str(crosslift_cache)

    def run(*command):
        program = [installed / "bin" / command[0], *command[1:]]
        done = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path, env=clean)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = "import sys, crosslift.cli, crosslift.web.app; print(crosslift.__file__); print(*sys.path, sep='\\n')"
    imported, *paths = run("python", "-c", where).splitlines()
    assert Path(imported).is_relative_to(installed)
    assert str(repo) not in paths
    assert str(repo / "src") not in paths
    summary = json.loads(run("crosslift", "demo", "--once", "--json"))
    assert summary["relations"] > 300
    assert (tmp_path / summary["home"] / "records.db").exists()
