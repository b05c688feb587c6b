"""The little shop that can be asked: built once, copied for what changes it."""

import shutil

import pytest


@pytest.fixture(scope="session")
def talking(load_script):
    return load_script("tests/unit/shop/chat/talking.py")


@pytest.fixture(scope="session")
def talking_home(talking, load_script, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        return talking.build(tmp_path_factory.mktemp("talking"), load_script("tests/web/conftest.py").write_files)


@pytest.fixture(scope="module")
def asked(talking, talking_home):
    """Ask it, do not change it: nothing here hands over, stops or declines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CROSSLIFT_NO_JIT", "1")
        with talking.open_shop(talking_home) as shop:
            yield lambda text, **said: talking.ask(shop, text, **said)


@pytest.fixture
def chatty(talking, talking_home, tmp_path):
    """A copy of it, to be changed."""
    shutil.copytree(talking_home, tmp_path / "chatty")
    with talking.open_shop(tmp_path / "chatty") as shop:
        yield shop


@pytest.fixture
def ask(talking, chatty):
    return lambda text, **said: talking.ask(chatty, text, **said)
