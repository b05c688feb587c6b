"""`crosslift measure variants`: what is known of small sets, and what is not."""

POLICY = 'name = "ours"\nextends = "helpful"\n[[variants]]\nid = "words"\noptions = ["plain", "warm"]\nplacements = ["cart"]\n'


def published(run, home, tmp_path):
    file = tmp_path / "ours.toml"
    file.write_text(POLICY, encoding="utf-8")
    run("--home", home, "policies", "draft", file, "--author", "mina", "--reason", "which words")
    assert run("--home", home, "policies", "publish", "ours", 1, "--author", "mina").code == 0


def test_without_sets_it_says_how_to_name_one(run, stocked_home):
    assert "No policy in force has a set of variants" in run("--home", stocked_home, "measure", "variants").out
    assert run("--home", stocked_home, "measure", "variants", "--json").json == {"variants": []}


def test_a_set_is_told_with_counts_and_probabilities(run, own_home, little, tmp_path):
    published(run, own_home, tmp_path)
    out = run("--home", own_home, "measure", "variants").out
    assert "ours 1, words at cart, since snapshot" in out
    assert "50.00%" in out
    assert "this snapshot was learned before the set had these options" in out
    with little.open_shop(own_home) as shop:
        for number in range(60):
            shop.decide("cart", ["P00"], policy="ours", anonymous=f"b{number}")
        shop.learn()
    told = run("--home", own_home, "measure", "variants", "--json").json["variants"]
    assert [one["set"] for one in told] == ["words"]
    assert sum(one["n_shown"] for one in told[0]["options"]) == 60
    assert "learned before" not in run("--home", own_home, "measure", "variants").out


def test_a_decision_tells_what_it_drew(run, own_home, tmp_path):
    published(run, own_home, tmp_path)
    asked = ("--home", own_home, "decide", "--cart", "P00", "--policy", "ours")
    assert "Variant of words: plain (its default, nothing is drawn)" in run(*asked, "--explain").out
    made = run(*asked, "--customer", "c1", "--json").json
    assert made["variants"][0]["option"] in ("plain", "warm")
    assert made["variants"][0]["probability"] == 0.5
    replayed = run("--home", own_home, "decide", "--replay", made["decision_id"]).out
    assert f"Variant of words: {made['variants'][0]['option']} (drawn with probability 0.5000)" in replayed
    assert "Replay: equal, byte for byte" in replayed
