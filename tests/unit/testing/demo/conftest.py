"""The demo shop at full size, written once for all tests of this folder."""

from pathlib import Path

import pytest

from crosslift.testing.demo import DemoFiles, write


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write(Path(tmp_path_factory.mktemp("moru")))
