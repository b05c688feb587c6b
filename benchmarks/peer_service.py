"""What a team writes itself in a day: FastAPI, pydantic and a model of `implicit`, learned at the start.

    python benchmarks/peer_service.py PORT DATA MODEL KEPT     DATA: a folder of `benchmarks.baskets`

MODEL is `als`, the matrix factorization its quick start begins with, or `cosine`, its item-item neighbors; KEPT is the file it
is kept in. It answers a cart with the best products, their titles and prices. It records nothing, reads nobody, gates nothing: no
stock, no consent, no contact pressure, no reason, no experiment. Run by the peers' interpreter; imports nothing of crosslift.
"""

import sys
from pathlib import Path

import numpy as np
import uvicorn
from fastapi import FastAPI
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender
from pydantic import BaseModel
from scipy import sparse

NEIGHBORS = 50
FACTORS, ROUNDS = 64, 10
Model = AlternatingLeastSquares | CosineRecommender


class Ask(BaseModel):
    """What the shop sends."""

    placement: str
    customer: str | None = None
    cart: list[str]
    k: int = 3


class Offer(BaseModel):
    """One product."""

    product: str
    title: str
    price: float
    score: float


class Answer(BaseModel):
    """The list."""

    offers: list[Offer]


def learned(data: Path, name: str, kept: Path) -> Model:
    """Learn from the baskets, or read what was learned."""
    if kept.exists():
        kind = AlternatingLeastSquares if name == "als" else CosineRecommender
        return kind.load(str(kept))
    lines = np.load(data / "lines.npz")
    n_items = int(lines["item"].max()) + 1
    ones = np.ones(lines["item"].size, np.float32)
    baskets = sparse.csr_matrix((ones, (lines["order"], lines["item"])), (int(lines["order"].max()) + 1, n_items))
    if name == "als":
        model: Model = AlternatingLeastSquares(factors=FACTORS, iterations=ROUNDS, random_state=7)
    else:
        model = CosineRecommender(K=NEIGHBORS)
    model.fit(baskets, show_progress=False)
    model.save(str(kept))
    return model


def service(model: Model) -> FastAPI:
    """Write the service."""
    is_factors = isinstance(model, AlternatingLeastSquares)
    app, n_items = FastAPI(), len(model.item_factors) if is_factors else model.similarity.shape[0]
    names = [f"P{item}" for item in range(n_items)]
    index = {name: item for item, name in enumerate(names)}
    titles = [f"Product {item}" for item in range(n_items)]
    prices = np.random.default_rng(1).lognormal(2.8, 0.7, n_items).round(2).tolist()

    @app.post("/recommend")
    async def recommend(ask: Ask) -> Answer:
        items = [index[name] for name in ask.cart if name in index]
        row = sparse.csr_matrix((np.ones(len(items)), ([0] * len(items), items)), (1, n_items))
        asked = {"recalculate_user": True} if is_factors else {}  # of the cart, not of somebody it was learned with
        ids, scores = model.recommend(0, row, N=ask.k, filter_already_liked_items=True, **asked)
        found = zip(ids.tolist(), scores.tolist(), strict=True)
        return Answer(
            offers=[Offer(product=names[i], title=titles[i], price=prices[i], score=score) for i, score in found]
        )

    return app


if __name__ == "__main__":
    port, data, name, kept = sys.argv[1:]
    app = service(learned(Path(data), name, Path(kept)))
    print("ready", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False)
