"""Which group everybody is in, as learned: with it and a person's own figures alone the group of that person follows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from crosslift.domain.estimate import NotEstimable
from crosslift.domain.profile_codes import Unknown
from crosslift.learn.customers.clusters import MIN_PEOPLE, Behavior, Clusters, find_clusters
from crosslift.learn.customers.crowd import Crowd
from crosslift.learn.customers.figures import text_of
from crosslift.learn.customers.personas import persona_of, plain

SEED = 20_110_604
"""The same people fall into the same groups every time."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """What was found.

    Attributes
    ----------
    n_people : int
        People with orders, who were compared.
    found : Clusters or None
        None where no groups can be told.
    why : str
        Why not; empty where groups were found.
    """

    n_people: int
    found: Clusters | None
    why: str = ""

    @classmethod
    def learn(cls, crowd: Crowd) -> "Grouping":
        """Group everybody who ever ordered by what they do; traits play no part."""
        behavior = Behavior.of(crowd)
        found, n_people = find_clusters(behavior, SEED), len(behavior.person)
        return cls(n_people, None, found.why) if isinstance(found, NotEstimable) else cls(n_people, found)

    @property
    def unknown(self) -> Unknown:
        """Why those who ordered are in no group, where none were found."""
        return Unknown.FEW_PEOPLE if self.n_people < MIN_PEOPLE else Unknown.NO_GROUPS

    def of(self, crowd: Crowd) -> dict[str, pa.Array]:
        """Give the columns `cluster` and `persona`, null for those in no group; shape (people,)."""
        if self.found is None:
            return {name: pa.nulls(len(crowd), pa.string()) for name in ("cluster", "persona")}
        place, clusters = self.found.places(crowd).astype(np.int32), self.found.clusters
        return {
            "cluster": text_of(place, pa.array([cluster.cluster_id for cluster in clusters])),
            "persona": text_of(place, pa.array([cluster.persona_id for cluster in clusters])),
        }

    def told(self, crowd: Crowd, currency: str) -> dict[str, Any]:
        """Write the groups and the persona cards they belong to as plain values.

        Parameters
        ----------
        crowd : Crowd
            Those who were learned from.
        currency : str
            Of order values.

        Returns
        -------
        dict
            `n_people`; `why`, empty where groups were found; `clusters`, largest first, each with `persona_id`; `personas`,
            the card of each id.
        """
        if self.found is None:
            return {"n_people": self.n_people, "why": self.why, "clusters": [], "personas": {}}
        place, clusters = self.found.places(crowd), self.found.clusters
        personas: dict[str, Mapping[str, Any]] = {}
        for name in dict.fromkeys(cluster.persona_id for cluster in clusters):
            mine = [at for at, cluster in enumerate(clusters) if cluster.persona_id == name]
            card = persona_of(name, crowd, np.isin(place, mine), self.n_people)
            personas[name] = {"currency": currency, **plain(card)}
        rows = [{**asdict(cluster), "persona_id": cluster.persona_id} for cluster in clusters]
        return {"n_people": self.n_people, "why": "", "clusters": rows, "personas": personas}
