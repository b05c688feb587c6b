"""`/v1/imports`: every file and batch that came in, and taking one back."""

from datetime import UTC, datetime

import msgspec

from crosslift.store.ports import ImportRecord
from crosslift.web.api.operation import SECRET, Operation, Parameter
from crosslift.web.served import ServedShop


class Import(msgspec.Struct):
    """One file or batch; `source` is its name without folder, `state` pending, committed, abandoned or undone."""

    import_id: int
    dataset: str
    source: str
    format: str
    state: str
    started_at: str
    finished_at: str | None
    n_rows: int


class Imports(msgspec.Struct):
    """All of them, newest first."""

    imports: list[Import]


class Undone(msgspec.Struct):
    """Rows that stopped counting, rows they had replaced that count again, and products nothing else speaks of."""

    import_id: int
    dataset: str
    source: str
    format: str
    n_gone: int
    n_back: int
    n_derived: int


async def get(served: ServedShop) -> Imports:
    """List the imports."""
    found = await served.in_thread(served.shop.records.imports)
    return Imports([_told(one) for one in reversed(found)])


async def undo(served: ServedShop, import_id: int) -> Undone:
    """Take one back."""
    return msgspec.convert(await served.in_thread(lambda: served.shop.undo_import(import_id)), Undone)


def _told(one: ImportRecord) -> Import:
    started, finished = (None if at is None else _iso(at) for at in (one.started_at, one.finished_at))
    return Import(
        one.import_id, one.dataset, one.source, one.format, one.state, started or "", finished, one.n_rows
    )  # fmt: skip


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat()


GET = Operation(
    name="get_imports",
    method="GET",
    path="/v1/imports",
    summary="List what came in",
    about="Every file and batch, newest first, with what became of it; instants in UTC.",
    group="collect",
    keys=(SECRET,),
    answer=Imports,
    answer_example={
        "imports": [
            {
                "import_id": 12, "dataset": "orders", "source": "march.csv", "format": "shopify orders", "state": "committed",
                "started_at": "2026-04-01T03:00:00+00:00", "finished_at": "2026-04-01T03:00:04+00:00", "n_rows": 4810,
            }
        ]
    },
    problems=(401, 403, 503),
)  # fmt: skip
UNDO = Operation(
    name="undo_import",
    method="POST",
    path="/v1/imports/{import_id}/undo",
    summary="Take an import back",
    about=(
        "All is as it was before it; refused, naming them, where later imports build on it. It is worked up before the answer "
        "comes, which takes a while after a large file."
    ),
    group="collect",
    keys=(SECRET,),
    parameters=(
        Parameter("import_id", "path", "As `GET /v1/imports` lists it.", {"type": "integer", "minimum": 1, "examples": [3]}),
    ),
    answer=Undone,
    answer_example={
        "import_id": 12, "dataset": "orders", "source": "march.csv", "format": "shopify orders", "n_gone": 4810, "n_back": 0,
        "n_derived": 2,
    },
    problems=(401, 403, 404, 409, 422, 503),
)  # fmt: skip
OPERATIONS = (GET, UNDO)
