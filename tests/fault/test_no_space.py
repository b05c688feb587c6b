"""A full disk and a folder that may not be written: a clear error, nothing half visible, and it works again afterwards."""

import os
import pwd
import subprocess
import sys

import pytest

from crosslift.shop import Shop


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with 3 MB; root ignores permissions, but not a full disk."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def write_orders(path, n_orders):
    with path.open("w") as stream:
        stream.write("order_id,ordered_at,customer_id,product_id,quantity,unit_price,currency\n")
        for n in range(n_orders):
            for product in ("A", "B", f"P{n % 40}"):
                stream.write(f"o{n},2026-05-0{1 + n % 9}T08:00:00Z,c{n % 50},{product},1,4.50,USD\n")
    return path


def fill(path):
    """Write until a plain write fails."""
    with path.open("wb", buffering=0) as stream:
        while True:
            stream.write(b"x" * 4096)


def test_full_disk_is_named_and_nothing_counts(small_disk, tmp_path, run_crosslift):
    home = small_disk / "home"
    small, large = write_orders(tmp_path / "small.csv", 60), write_orders(tmp_path / "large.csv", 40_000)
    run_crosslift("--home", home, "collect", small, check=0)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        fill(ballast)
    failed = run_crosslift("--home", home, "collect", large, "--source", "other")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert "records.db" in failed.stderr or "full" in failed.stderr
    ballast.unlink()
    with Shop(home) as shop:
        assert shop.frames.order_lines().num_rows == 180
    run_crosslift("--home", home, "collect", write_orders(tmp_path / "next.csv", 61), "--source", "other", check=0)
    with Shop(home) as shop:
        assert shop.frames.order_lines().num_rows == 180 + 183


def test_a_folder_that_may_not_be_written_is_named(tmp_path, open_the_way):
    """As an unprivileged user, for root may write everywhere."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user here")
    nobody = pwd.getpwnam("nobody").pw_uid
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o755)
    open_the_way(tmp_path)
    code = (
        "import os\nfrom crosslift.shop import Shop\nfrom crosslift.errors import BadInput\n"  # while they may be read
        f"os.setuid({nobody})\n"
        f"try:\n    open({str(locked / 'probe')!r}, 'w'); print('WRITABLE')\nexcept PermissionError: print('locked')\n"
        f"try:\n    Shop({str(locked / 'home')!r})\nexcept BadInput as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    probe, message = done.stdout.splitlines()
    assert probe == "locked", "a plain write must fail there first"
    assert message == f"{locked / 'home'}: cannot be used as a shop's folder: Permission denied"
    assert list(locked.iterdir()) == []
