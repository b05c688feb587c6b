"""Records on PostgreSQL: a shop moved there is the same shop, and goes on being one."""

import sqlite3
import tomllib
from contextlib import closing

import pytest

from crosslift.domain.decision import Action, Request, Response
from crosslift.errors import BadInput, BadUsage, Busy, Conflict, NotFound, StoreDown
from crosslift.store.sqlite import SqliteRecords


@pytest.fixture
def address(postgres, monkeypatch, load_script):
    """An empty database; its password is in the environment alone."""
    name = postgres.database()
    monkeypatch.setenv("PGPASSWORD", load_script("tests/postgres.py").PASSWORD)
    yield f"postgresql://shop@127.0.0.1:{postgres.port}/{name}"
    postgres.drop(name)


@pytest.fixture
def home(stocked_home):
    return stocked_home


def move(home, address, schema="pantry"):
    from crosslift.store.moving import move_records

    return move_records(home, address, schema)


def offered(shop, cart=("P00",)):
    [decision] = shop.decide_requests([Request("cart", shop.clock(), cart=cart)])
    return decision, [offer.product_id for offer in decision.offers]


def test_a_shop_moved_to_postgresql_is_the_same_and_goes_on(little, home, address, clock, tmp_path):
    with closing(sqlite3.connect(home / "records.db", isolation_level=None)) as file:
        n_lines, n_imports = (
            file.execute(f"select count(*) from {t}").fetchone()[0] for t in ("order_lines", "imports")
        )
        last_import = file.execute("select max(id) from imports").fetchone()[0]
    with little.open_shop(home, clock) as shop:
        before = offered(shop)[1]
    moved = move(home, address)
    assert (moved.tables["order_lines"], moved.tables["imports"]) == (n_lines, n_imports)
    assert moved.left == home / "records.moved.db"
    assert not (home / "records.db").exists()
    assert tomllib.loads((home / "shop.toml").read_text())["records"] == {"address": address, "schema": "pantry"}
    with little.open_shop(home, clock) as shop:
        decision, products = offered(shop)
        assert products == before
        shop.respond([Response("r1", decision.decision_id, Action.ACCEPT, clock(), products[0])])
        assert shop.decision(decision.decision_id)["decision_id"] == decision.decision_id
        assert shop.records.imports()[-1].import_id == last_import
        shop.records.put_rows("usage", *_reading())
        assert shop.records.imports()[-1].import_id == last_import + 1  # numbered on
        assert shop.learn(force=True)["snapshot_id"]
        assert offered(shop)[1] == before
    assert not (home / "records.db").exists()


def _reading():
    columns = ("customer_id", "product_id", "meter", "value", "unit", "at", "read_on", "row_hash")
    return columns, [("C1", "P00", "km", 12.5, "", 1, 0, 7)], 1


def test_a_move_that_was_cut_off_after_its_commit_is_finished_by_running_it_again(home, address):
    first = move(home, address)
    (home / "records.moved.db").rename(home / "records.db")
    (home / "shop.toml").unlink()
    again = move(home, address)
    assert (again.digest, again.tables) == (first.digest, first.tables)


def test_nothing_is_moved_over_other_records(home, address):
    move(home, address)
    (home / "records.moved.db").rename(home / "records.db")
    (home / "shop.toml").unlink()
    with closing(sqlite3.connect(home / "records.db", isolation_level=None)) as file:
        file.execute("update products set title = title || '!' where id = 1")
    with pytest.raises(Conflict, match="holds other records"):
        move(home, address)
    assert (home / "records.db").exists()
    assert not (home / "shop.toml").exists()


def test_a_shop_that_is_open_is_not_moved(little, home, address, clock):
    with little.open_shop(home, clock) as shop:
        with pytest.raises(Busy, match="stop the server"):
            move(home, address)
        assert offered(shop)[1]


def test_a_move_without_records_or_with_a_place_named_already_is_refused(home, address, tmp_path):
    with pytest.raises(NotFound, match="nothing to move"):
        move(tmp_path, address)
    (home / "shop.toml").write_text('[records]\naddress = ""\n')
    with pytest.raises(BadUsage, match="take it out"):
        move(home, address)


def test_a_password_in_the_settings_is_refused_and_never_shown(little, home, clock):
    for wrong in ("postgresql://shop:hunter2@localhost/x", "postgresql://shop:hunter2@localhost:port/x"):
        (home / "shop.toml").write_text(f'[records]\naddress = "{wrong}"\n')
        with pytest.raises(BadInput) as refused:
            little.open_shop(home, clock)
        assert "hunter2" not in str(refused.value)
    with pytest.raises(BadInput, match="none that crosslift knows"):
        little.open_shop(home, clock, records_address="mysql://localhost/x")


def test_imports_learning_and_keys_are_done_by_one_process_of_all_hosts(little, home, address, clock):
    move(home, address)
    with little.open_shop(home, clock) as shop, little.open_shop(home, clock) as other:
        with shop.records.alone("learn", "held"):
            with pytest.raises(Busy, match="a learning run of"):
                other.learn()
            with other.records.alone("collect", "held"):
                pass
        assert other.learn(force=True)["snapshot_id"]


def test_a_server_that_was_started_anew_is_found_again(little, home, address, clock, postgres):
    move(home, address)
    with little.open_shop(home, clock) as shop:
        before = offered(shop)[1]
        postgres.stop()
        with pytest.raises(StoreDown, match=r"cannot (read or write|open)"):
            shop.records.set_meta("x", "1")
        postgres.start()
        shop.records.set_meta("x", "2")
        assert shop.records.meta("x") == "2"
        assert offered(shop)[1] == before


def test_who_is_erased_is_gone_from_postgresql_too(little, home, address, clock):
    move(home, address)
    (home / "records.moved.db").unlink()
    with little.open_shop(home, clock) as shop:
        customer = shop.records.table("order_lines", ["customer_id"]).column(0).drop_null()[0].as_py()
        columns = {name for name, values in shop.records.kept_elsewhere() if customer.encode() in values}
        assert {"orders.customer_id", "order_lines.customer_id"} <= columns
        certificate = shop.privacy.erase(customer)
        assert certificate["is_complete"], certificate
        assert not any(customer.encode() in values for _, values in shop.records.kept_elsewhere())


def test_a_backup_of_a_shop_on_postgresql_restores_without_a_server_and_is_the_same(
    little, home, address, clock, tmp_path
):
    from crosslift.store.backup import restore_backup, write_backup

    move(home, address)
    with little.open_shop(home, clock) as shop:
        made, before = offered(shop)
        shop.respond([Response("r1", made.decision_id, Action.ACCEPT, clock(), before[0])])
        packed = write_backup(home, tmp_path / "pantry.tar.zst", clock())
        offered(shop)  # after the backup: not in it
        restore_backup(packed.path, tmp_path / "again")
        with little.open_shop(tmp_path / "again", clock) as again:
            assert isinstance(again.records, SqliteRecords)
            assert offered(again)[1] == before
            assert again.decision(made.decision_id) == shop.decision(made.decision_id)
            assert again.audit.verify() == shop.audit.verify()
            for table in ("order_lines", "products", "imports", "responses", "parts", "snapshots", "policies"):
                names = ("id",) if table in ("order_lines", "responses") else ()
                assert again.records.table(table, names or NAMES[table]) == shop.records.table(
                    table, names or NAMES[table]
                )
            again.records.put_rows("usage", *_reading())
            assert again.records.imports()[-1].import_id == shop.records.imports()[-1].import_id + 1
    assert "records" not in tomllib.loads((tmp_path / "again" / "shop.toml").read_text())


NAMES = {"products": ("product_id",), "imports": ("id", "state"), "parts": ("file",), "snapshots": ("snapshot_id",),
         "policies": ("name", "version")}  # fmt: skip
