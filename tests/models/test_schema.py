"""Laws of the tables: what every one of them keeps to."""

from sqlalchemy import BigInteger, Integer, Table, UniqueConstraint

from models.base import Model

# Their rows stay for ever, save for drafts that are thrown away, which few tables refer to.
KEPT = {
    "collaborations",
    "commitments",
    "currencies",
    "events",
    "members",
    "participants",
    "transfers",
}


def test_no_column_that_refers_to_an_id_is_shorter_than_it() -> None:
    assert [
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_id")
        if isinstance(column.type, Integer) and not isinstance(column.type, BigInteger)
    ] == []


def test_what_refers_to_rows_that_can_be_deleted_is_indexed() -> None:
    assert [
        f"{table.name}.{reference.column_keys}"
        for table in Model.metadata.tables.values()
        for reference in table.foreign_key_constraints
        if reference.referred_table.name not in KEPT
        if led_by(table).isdisjoint(reference.column_keys)
    ] == []


def led_by(table: Table) -> set[str]:
    """The columns that an index of the table begins with."""
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    keys = [list(one.columns) for one in (table.primary_key, *unique, *table.indexes)]
    return {columns[0].name for columns in keys if columns}
