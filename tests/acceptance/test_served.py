"""Rows shown over HTTP and by the demo command, on the demo shop a stranger gets."""

import json
import os
import re
import shutil
import subprocess
import sys

import httpx
import pytest

from crosslift.shop import Shop


@pytest.fixture(scope="module")
def served(demo_home, tmp_path_factory, crosslift_cache):
    """A copy of the demo shop behind a real server on a free port: (address, secret key, publishable key)."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(demo_home, home)
    with Shop(home) as shop:
        secret, publishable = shop.create_key("secret", "test"), shop.create_key("publishable", "test")
    server = subprocess.Popen(
        [sys.executable, "-m", "crosslift", "--home", home, "demo", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "CROSSLIFT_CACHE": str(crosslift_cache), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    address = next(m[1] for line in server.stdout if (m := re.match(r"storefront\s+(http://\S+?)/?$", line.strip())))
    client = httpx.Client(base_url=address, timeout=30)
    for _ in range(200):
        if client.get("/readyz").status_code == 200:
            break
    yield client, {"Authorization": f"Bearer {secret}"}, {"Authorization": f"Bearer {publishable}"}
    client.close()
    server.terminate()
    assert server.wait(20) == 0
    server.stdout.close()


def ask(served, key=1, **context):
    client = served[0]
    return client.post(
        "/v1/decide", headers=served[key], json={"placement": "product", "cart": ["DRP-V60-02"], **context}
    )


@pytest.mark.ci
def test_o01_demo_without_network(demo_home, without_network, run_crosslift, tmp_path):
    """The demo runs with no network at all, and a second time it keeps what it has."""
    if not without_network:
        pytest.skip("this user may not make a network namespace")
    reach = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    tried = subprocess.run([*without_network, sys.executable, "-c", reach], capture_output=True)
    assert b"unreachable" in tried.stderr, "the namespace has a network"
    summary = json.loads(demo_home.with_suffix(".json").read_text(encoding="utf-8"))
    assert summary["relations"] > 300
    assert summary["peak_megabytes"] < 1024
    home = shutil.copytree(demo_home, tmp_path / "home")
    again = run_crosslift("--home", home, "demo", "--once", "--json", before=without_network, check=0)
    assert json.loads(again.stdout)["snapshot_id"] == summary["snapshot_id"]


def test_v01_one_placement(served):
    answer = ask(served, k=3, kinds=["complement"]).json()
    assert len(answer["offers"]) == 3
    for offer in answer["offers"]:
        assert offer["reason"].startswith("Bought together with Cone Dripper 02, Ceramic in ")
        assert offer["price"]["currency"] == "KRW"
        assert 0 < offer["p"] < 1
    told = served[0].get(f"/v1/decisions/{answer['decision_id']}", headers=served[1]).json()
    assert [offer["product"] for offer in told["offers"]] == [offer["product"] for offer in answer["offers"]]


def test_o03_publishable_key(served):
    """A browser key cannot read decisions, products or profiles, and speaks for nobody."""
    client, secret, publishable = served
    answer = ask(served, 2, customer="C-00001")
    assert answer.status_code == 200
    assert answer.json()["purpose"] == "contextual"
    assert any("customer" in warning for warning in answer.json()["warnings"])
    assert "evidence" not in answer.json()["offers"][0]
    for method, path in (
        ("GET", f"/v1/decisions/{answer.json()['decision_id']}"),
        ("PUT", "/v1/products"),
        ("PATCH", "/v1/products"),
    ):
        refused = client.request(method, path, headers=publishable, json={"products": []} if method != "GET" else None)
        assert refused.status_code == 403, (method, path, refused.text)
        assert refused.headers["content-type"] == "application/problem+json"
    assert client.get(f"/v1/decisions/{answer.json()['decision_id']}", headers=secret).status_code == 200
    assert client.get(f"/v1/decisions/{answer.json()['decision_id']}").status_code == 401


def test_o05_storefront(served):
    client = served[0]
    expected = {"en": "Goes well with", "ko": "함께 쓰기 좋은 상품", "ja": "あわせて使えるもの"}
    for language, heading in expected.items():
        page = client.get("/p/DRP-V60-02", params={"lang": language}, follow_redirects=True).text
        assert f'<html lang="{language}"' in page
        assert heading in page
        client.cookies.clear()


def test_o07_health_and_metrics(served):
    client = served[0]
    ask(served)
    assert client.get("/healthz").json()["status"] == "alive"
    assert client.get("/readyz").json()["status"] == "ready"
    metrics = client.get("/metrics", headers=served[1]).text
    assert re.search(r"^crosslift_\w*decisions\w*_total\{.*placement=\"product\"", metrics, re.MULTILINE)
    assert "bucket" in metrics


def test_a_price_patched_over_http_holds_with_the_very_next_decision(served):
    client, secret, _ = served
    first = ask(served, k=1).json()["offers"][0]["product"]
    gone = client.patch("/v1/products", headers=secret, json={"products": [{"product_id": first, "stock": 0}]})
    assert gone.json()["changed"] == 1
    assert ask(served, k=1).json()["offers"][0]["product"] != first
    client.patch("/v1/products", headers=secret, json={"products": [{"product_id": first, "stock": 5}]})
    assert ask(served, k=1).json()["offers"][0]["product"] == first


def test_every_answered_decision_survives_kill_9(served, demo_home, tmp_path, crosslift_cache):
    """2xx only after commit: whatever was answered is in the records after the server is killed outright."""
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    with Shop(home) as shop:
        key = shop.create_key("secret", "test")
    server = subprocess.Popen(
        [sys.executable, "-m", "crosslift", "--home", home, "serve", "--port", "0"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "CROSSLIFT_CACHE": str(crosslift_cache), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    address = next(m[1] for line in server.stdout if (m := re.search(r"at (http://\S+)", line)))
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        ids = [
            client.post("/v1/decide", json={"placement": "cart", "cart": ["DRP-V60-02"]}).json()["decision_id"]
            for _ in range(40)
        ]
    server.kill()
    server.wait()
    server.stdout.close()
    with Shop(home) as shop:
        assert [shop.decision(one)["decision_id"] for one in ids] == ids
