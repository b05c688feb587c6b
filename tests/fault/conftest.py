"""What the fault tests share."""

import pytest


@pytest.fixture
def open_the_way(tmp_path_factory):
    """Let another user walk to a test's folder: every folder of this test run above it, up to the shared one."""
    top = tmp_path_factory.getbasetemp()
    while top.name and not top.name.startswith("pytest-of-"):
        top = top.parent

    def open_the_way(folder):
        while folder != top.parent and folder.name:
            folder.chmod(0o755)
            folder = folder.parent

    return open_the_way
