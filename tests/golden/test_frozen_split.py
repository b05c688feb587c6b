"""The frozen split through the public door: collect, learn, decide --batch, and score the answers."""

import gzip
import json
import math

import pytest

pytestmark = [pytest.mark.data, pytest.mark.long]


def test_answers_of_the_batch_reach_ease_on_the_frozen_split(shared, run_crosslift, tmp_path):
    """`reference/splits`: EASE with ridge 100 has NDCG@10 .29230 there, to .0005."""
    splits, home = shared / "reference/splits", tmp_path / "home"
    run_crosslift(
        "--home", home, "collect", splits / "online_retail_train.csv.gz",
        "--map", "quantity=:1", "--map", "unit_price=:1", "--map", "currency=:GBP", check=0,
    )  # fmt: skip
    run_crosslift("--home", home, "learn", check=0)
    with gzip.open(splits / "online_retail_queries.jsonl.gz", "rt") as stream:
        queries = [json.loads(line) for line in stream]
    contexts, answers = tmp_path / "contexts.jsonl", tmp_path / "answers.jsonl"
    with contexts.open("w") as sink:
        for query in queries:
            sink.write(json.dumps({
                "id": query["id"], "placement": "cart", "customer": query["customer"] or None, "cart": query["given"],
                "k": 10, "at": query["at"], "policy": "relevance", "purpose": "evaluation",
            }) + "\n")  # fmt: skip
    run_crosslift("--home", home, "decide", "--batch", contexts, "--out", answers, check=0)
    total = 0.0
    for query, line in zip(queries, answers.read_text().splitlines(), strict=True):
        answer = json.loads(line)
        assert answer["id"] == query["id"]
        rest = set(query["rest"])
        gain = sum(1 / math.log2(i + 2) for i, o in enumerate(answer["offers"]) if o["product"] in rest)
        total += gain / sum(1 / math.log2(i + 2) for i in range(min(10, len(rest))))
    ndcg = total / len(queries)
    print(f"NDCG@10 of decide --batch on the frozen split: {ndcg:.5f} (EASE .29230)")
    assert ndcg == pytest.approx(0.29230, abs=0.0005)
