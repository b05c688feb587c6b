from contextlib import nullcontext

import pytest

from crosslift.jobs import child
from crosslift.web import app


@pytest.fixture
def served(monkeypatch):
    """Stand in for the server: remember what it was asked to do, and say that it is ready."""
    asked = []

    def serve(shop, host, port, on_ready):
        asked.append((host, port))
        on_ready(f"http://{host}:{port}")

    monkeypatch.setattr(app, "serve", serve)
    monkeypatch.setattr(child, "jobs_beside", lambda home: nullcontext(asked.append(home)))
    return asked


def test_the_first_serve_makes_the_keys_and_shows_them_once(run, own_home, served):
    ran = run("--home", own_home, "serve")
    assert ran.code == 0
    assert "secret key       sk_" in ran.out
    assert "publishable key  pk_" in ran.out
    assert "API reference http://127.0.0.1:8765/docs" in ran.out
    assert "back office      http://127.0.0.1:8765/app/password?token=" in ran.out
    again = run("--home", own_home, "serve")
    assert "sk_" not in again.out
    assert "back office      http://127.0.0.1:8765/app\n" in again.out


def test_address_and_port_come_from_the_call_else_from_the_settings(run, own_home, served):
    (own_home / "shop.toml").write_text("[serve]\nport = 9000\n")
    run("--home", own_home, "serve")
    run("--home", own_home, "serve", "--port", "0", "--host", "::1")
    assert served == [own_home, ("127.0.0.1", 9000), own_home, ("::1", 0)]


def test_jobs_run_beside_it_unless_told_otherwise(run, own_home, served):
    run("--home", own_home, "serve", "--no-jobs")
    assert served == [("127.0.0.1", 8765)]


def test_a_shop_that_has_learned_nothing_is_served_as_well(run, tmp_path, served):
    assert run("--home", tmp_path / "h", "serve").code == 0
