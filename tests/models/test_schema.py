"""Laws of the tables: what every one of them keeps to."""

from sqlalchemy import BigInteger, Integer

from models.base import Model


def test_no_column_that_refers_to_an_id_is_shorter_than_it() -> None:
    assert [
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_id")
        if isinstance(column.type, Integer) and not isinstance(column.type, BigInteger)
    ] == []
