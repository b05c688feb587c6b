"""What a team writes itself in a day: FastAPI, pydantic and the item-item cosine of `implicit`, learned at the start.

    python benchmarks/peer_service.py PORT DATA [MODEL]     DATA: a folder of `benchmarks.baskets`

It answers a cart with its best neighbors, their titles and prices. It records nothing, reads nobody, gates nothing: no stock, no
consent, no contact pressure, no reason, no experiment. Run by the peers' interpreter; imports nothing of crosslift.
"""

import sys
from pathlib import Path

import numpy as np
import uvicorn
from fastapi import FastAPI
from implicit.nearest_neighbours import CosineRecommender
from pydantic import BaseModel
from scipy import sparse

NEIGHBORS = 50


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


def learned(data: Path, kept: Path | None) -> CosineRecommender:
    """Learn from the baskets, or read what was learned."""
    if kept is not None and kept.exists():
        return CosineRecommender.load(str(kept))
    lines = np.load(data / "lines.npz")
    n_items = int(lines["item"].max()) + 1
    ones = np.ones(lines["item"].size, np.float32)
    baskets = sparse.csr_matrix((ones, (lines["order"], lines["item"])), (int(lines["order"].max()) + 1, n_items))
    model = CosineRecommender(K=NEIGHBORS)
    model.fit(baskets, show_progress=False)
    if kept is not None:
        model.save(str(kept))
    return model


def service(model: CosineRecommender) -> FastAPI:
    """Write the service."""
    app, n_items = FastAPI(), model.similarity.shape[0]
    names = [f"P{item}" for item in range(n_items)]
    index = {name: item for item, name in enumerate(names)}
    titles = [f"Product {item}" for item in range(n_items)]
    prices = np.random.default_rng(1).lognormal(2.8, 0.7, n_items).round(2).tolist()

    @app.post("/recommend")
    async def recommend(ask: Ask) -> Answer:
        items = [index[name] for name in ask.cart if name in index]
        row = sparse.csr_matrix((np.ones(len(items)), ([0] * len(items), items)), (1, n_items))
        ids, scores = model.recommend(0, row, N=ask.k, filter_already_liked_items=True)
        found = zip(ids.tolist(), scores.tolist(), strict=True)
        return Answer(
            offers=[Offer(product=names[i], title=titles[i], price=prices[i], score=score) for i, score in found]
        )

    return app


if __name__ == "__main__":
    model_file = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    app = service(learned(Path(sys.argv[2]), model_file))
    print("ready", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
