"""What every table shares: the one metadata, the type of ids, the columns of rows that arrive by an import."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Text

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
Id = BigInteger().with_variant(Integer, "sqlite")


def imported() -> list[Column[Any]]:
    """Give the columns that say by which import a row came, and by which it was replaced."""
    return [
        Column("import_id", Id, ForeignKey("imports.id"), nullable=False),
        Column("superseded_by", Id, nullable=True),
    ]


def hashed() -> list[Column[Any]]:
    """Give what a fact ends with: extra columns of its file, the hash of its content, its import."""
    return [
        Column("attributes", Text, comment="extra columns, JSON"),
        Column("row_hash", BigInteger, nullable=False),
        *imported(),
    ]
