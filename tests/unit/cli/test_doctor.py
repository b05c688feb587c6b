from crosslift.settings import KNOBS


def test_a_shop_in_order_passes(run, own_home, little):
    ran = run("--home", own_home, "doctor")
    assert (ran.code, ran.out.count("✓")) == (0, 7)


def test_an_unlearned_shop_is_told_what_to_do_and_the_exit_code_says_so(run, tmp_path):
    ran = run("--home", tmp_path / "h", "doctor")
    assert ran.code == 1
    assert "✗ snapshot: nothing has been learned yet" in ran.out
    assert "run `crosslift learn`" in ran.out
    checks = run("--home", tmp_path / "h", "doctor", "--json").json
    assert [check["check"] for check in checks if not check["ok"]] == ["snapshot"]


def test_settings_are_listed_with_their_values_in_force(run, own_home):
    (own_home / "shop.toml").write_text("[learn]\nmin_lift = 1.5\n")
    values = run("--home", own_home, "doctor", "--settings", "--json").json
    assert set(values) == {knob.name for knob in KNOBS}
    assert values["learn.min_lift"] == 1.5
    listed = run("--home", own_home, "doctor", "--settings").out
    assert all(knob.help in listed for knob in KNOBS)


def test_a_wrong_setting_is_named_with_its_file(run, own_home):
    (own_home / "shop.toml").write_text("[learn]\nmin_lift = 'high'\n")
    ran = run("--home", own_home, "doctor")
    assert ran.code == 1
    assert "shop.toml: learn.min_lift = 'high' is no float" in ran.err
