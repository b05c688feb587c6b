import pytest


@pytest.fixture
def address(postgres, monkeypatch, load_script):
    name = postgres.database()
    monkeypatch.setenv("PGPASSWORD", load_script("tests/postgres.py").PASSWORD)
    yield f"postgresql://shop@127.0.0.1:{postgres.port}/{name}"
    postgres.drop(name)


def test_records_are_moved_by_one_command_and_everything_else_goes_on(run, own_home, address):
    before = run("--home", own_home, "doctor").out
    moved = run("--home", own_home, "store", "move", "--to", address, "--schema", "s1", "--json")
    assert moved.code == 0, moved.err
    assert moved.json["left"] == str(own_home / "records.moved.db")
    assert moved.json["tables"]["order_lines"] > 0
    after = run("--home", own_home, "doctor")
    assert (after.code, after.out) == (0, before)
    assert run("--home", own_home, "doctor", "--settings", "--json").json["records.schema"] == "s1"


def test_the_tables_are_told_and_what_to_do_with_the_old_file(run, own_home, address):
    told = run("--home", own_home, "store", "move", "--to", address).out
    assert "every row is there, the same content" in told
    assert "records.moved.db is not used any more; it holds everybody's data" in told


def test_an_address_that_is_none_moves_nothing(run, own_home):
    ran = run("--home", own_home, "store", "move", "--to", "mysql://x")
    assert ran.code == 1
    assert "records.address is none that crosslift knows" in ran.err
    assert (own_home / "records.db").exists()
