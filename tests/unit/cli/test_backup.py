def test_a_shop_is_copied_into_a_file_and_made_again(run, stocked_home, tmp_path):
    made = run("--home", stocked_home, "backup", tmp_path / "shop.tar.zst", "--json").json
    assert made["snapshot_id"]
    again = run("--home", tmp_path / "again", "restore", tmp_path / "shop.tar.zst", "--json").json
    assert (again["fingerprint"], again["n_files"]) == (made["fingerprint"], made["n_files"])
    asked = ("decide", "--placement", "cart", "--cart", "P00", "--json")
    offers = [
        [offer["product"] for offer in run("--home", home, *asked).json["offers"]]
        for home in (stocked_home, tmp_path / "again")
    ]
    assert offers[0] == offers[1] != []


def test_without_a_name_it_is_named_after_shop_and_time(run, stocked_home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = run("--home", stocked_home, "backup").out
    (file,) = tmp_path.iterdir()
    assert file.name.startswith(stocked_home.name + "-20")
    assert file.name.endswith("Z.tar.zst")
    assert "it holds the shop's secrets" in said


def test_a_shop_that_is_there_is_not_written_over(run, own_home, tmp_path):
    run("--home", own_home, "backup", tmp_path / "b")
    ran = run("--home", own_home, "restore", tmp_path / "b")
    assert ran.code == 4
    assert "is not empty and is kept" in ran.err
    assert run("--home", tmp_path / "none", "backup", tmp_path / "c").code == 1
    assert not (tmp_path / "none").exists()
