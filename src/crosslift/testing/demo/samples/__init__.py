"""Sample files to download: the same dozen orders in every format that is recognized, in English, Korean and Japanese."""

from functools import cache
from pathlib import Path

from crosslift.testing.demo.samples import eastern, plain, recommenders, western
from crosslift.testing.demo.samples.sales import draw_sales
from crosslift.testing.demo.samples.sample import Sample

__all__ = ["Sample", "samples", "write"]

SEED = 7


@cache
def samples(seed: int = SEED) -> tuple[Sample, ...]:
    """Give every sample; the same seed gives the same bytes on every machine."""
    sales = draw_sales(seed)
    return (*plain.samples(sales), *western.samples(sales), *eastern.samples(sales), *recommenders.samples(sales))


def write(folder: Path, seed: int = SEED) -> list[Path]:
    """Write every sample into a folder, which is made where it is missing; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for sample in samples(seed):
        path = folder / sample.name
        path.write_bytes(sample.content)
        paths.append(path)
    return paths
