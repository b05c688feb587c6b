"""What the demo shop brings along for its storefront."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoInfo:
    """Names and pictures of the demo shop.

    Parameters
    ----------
    shop_name : mapping
        Language to name.
    pictures : Path
        Folder of the pictures that products name as `pictures/<name>`.
    categories : mapping, optional
        First part of a category to its heading by language; without one the category is shown as it is.
    """

    shop_name: Mapping[str, str]
    pictures: Path
    categories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
