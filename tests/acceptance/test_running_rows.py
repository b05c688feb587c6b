"""Rows of running it: a shop in a file and back, several shops in one process."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import httpx
import pytest

from crosslift.shop import Shop, shops
from crosslift.store.backup import restore_backup, write_backup
from crosslift.web.street import Street

pytestmark = pytest.mark.usefixtures("_no_compiler")
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def rows_of(home):
    with closing(sqlite3.connect(home / "records.db")) as records:
        names = [name for (name,) in records.execute("select name from sqlite_master where type = 'table'")]
        return {name: sorted(map(repr, records.execute(f"select * from {name}"))) for name in names}


def test_o01_export_and_import(shop, tmp_path):
    """A shop that goes on is copied into one file; what is made of it holds every row and decides the same."""
    made = shop.decide("cart", ["P00"], customer="c1")
    packed = write_backup(shop.home, tmp_path / "shop.tar.zst", NOW)
    expected = rows_of(shop.home)
    assert shop.decide("cart", ["P02"]).offers
    restore_backup(packed.path, tmp_path / "again")
    assert rows_of(tmp_path / "again") == expected
    with Shop(tmp_path / "again", clock=shop.clock) as again:
        assert again.replay(made.decision_id) == shop.replay(made.decision_id)
        assert [offer.product_id for offer in again.decide("cart", ["P02"]).offers] == ["P03"]


def test_o02(little, pantry, tmp_path):
    """Two shops in one process, each with its orders; what one key may, no other host and no other shop's key may."""
    folder = tmp_path / "shops"
    secrets = {}
    for name, first in (("north", 0), ("south", 2)):
        made = shops.add(folder, name, [f"{name}.example"])
        secrets[name] = made.secret
        with little.stocked(made.home, pantry.orders[first::4], pantry.catalog) as shop:
            shop.put_facts("customers", [{"customer_id": f"{name}-1", "email": f"{name}@mail.example"}])
    told = asyncio.run(asked(folder, secrets))
    for name, other in (("north", "south"), ("south", "north")):
        assert told[name, name, "decide"].status_code == 200
        assert f"{name}@mail.example" in told[name, name, "customer"].text
        for one in ("decide", "customer", "decision"):
            assert told[other, name, one].status_code == 401, "a key of another shop opened this one's door"
        assert told[name, name, "decision of the other"].status_code == 404
        assert told[name, name, "customer of the other"].status_code == 404
        assert all(
            other not in answer.text for (host, _, one), answer in told.items() if host == name and "other" not in one
        )


async def asked(folder, secrets):
    """Ask each shop by its own key and by the other's; the answers by host, key and what was asked."""
    street = Street(folder)
    stop = asyncio.Event()
    looked = asyncio.Event()
    street.on_first_look = looked.set
    begun = iter(("lifespan.startup",))

    async def receive():
        kind = next(begun, None)
        if kind is None:
            await stop.wait()
        return {"type": kind or "lifespan.shutdown"}

    async def send(_):
        pass

    life = asyncio.create_task(street({"type": "lifespan"}, receive, send))
    await looked.wait()
    told = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(street), base_url="http://x") as client:
        decisions = {}
        for host in secrets:
            while (await client.get("/readyz", headers={"Host": f"{host}.example"})).status_code != 200:
                await asyncio.sleep(0.02)
        for host in secrets:
            for key in secrets:
                headers = {"Host": f"{host}.example", "Authorization": f"Bearer {secrets[key]}"}
                ask = {"placement": "cart", "cart": ["P00"]}
                told[host, key, "decide"] = made = await client.post("/v1/decide", json=ask, headers=headers)
                decisions.setdefault(key, made.json().get("decision_id")) if host == key else None
                told[host, key, "customer"] = await client.get(f"/v1/customers/{host}-1", headers=headers)
        for host in secrets:
            for key in secrets:
                other = next(name for name in secrets if name != host)
                headers = {"Host": f"{host}.example", "Authorization": f"Bearer {secrets[key]}"}
                told[host, key, "decision"] = await client.get(f"/v1/decisions/{decisions[host]}", headers=headers)
                if host == key:
                    path = f"/v1/decisions/{decisions[other]}"
                    told[host, key, "decision of the other"] = await client.get(path, headers=headers)
                    told[host, key, "customer of the other"] = await client.get(
                        f"/v1/customers/{other}-1", headers=headers
                    )
    stop.set()
    await life
    return told
