"""Other ways of choosing, on the terminal."""

HEADER = "choice_id,at,unit_id,action,probability,outcome\n"


def test_a_policy_is_valued_from_the_log(own_home, run, tmp_path):
    rows = "".join(
        f"c{i},2026-10-01T00:00:00Z,u{i},{'ab'[i % 2]},0.5,{int(i % 2 and i % 4 == 1)}\n" for i in range(800)
    )
    (tmp_path / "choices.csv").write_text(HEADER + rows, encoding="utf-8")
    assert run("--home", own_home, "collect", tmp_path / "choices.csv").code == 0
    page = run("--home", own_home, "measure", "off-policy", "b=1").out
    assert "800 choices, worth 400 of equal weight to this policy" in page
    assert page.count("0.5") >= 2
    assert run("--home", own_home, "measure", "off-policy", "b=1", "--json").json["snips"]["value"] == 0.5
    assert (
        run("--home", own_home, "measure", "off-policy", "b=1", "--clip", "1").out.count(
            "50.0% of the weights were clipped"
        )
        == 1
    )
    assert run("--home", own_home, "measure", "off-policy", "b").code == 2
    assert "1 in all" in run("--home", own_home, "measure", "off-policy", "b=0.4").err
