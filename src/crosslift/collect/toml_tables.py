"""A TOML file that holds tables of one name and nothing else, one for each thing that is written."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crosslift.errors import BadInput


def read_tables(path: Path, name: str, parse_float: Callable[[str], Any] = float) -> Sequence[Mapping[str, Any]]:
    """Read the tables `[[name]]` of a file.

    Parameters
    ----------
    parse_float : callable
        What a number with a point is read as.

    Raises
    ------
    BadInput
        Naming the file, if it cannot be read or holds something else.
    """
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=parse_float)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(path)) from error
    found = read.get(name)
    if set(read) != {name} or not isinstance(found, list):
        raise BadInput(f"a file of {name} has one table [[{name}]] for each, and nothing else", where=str(path))
    return found
