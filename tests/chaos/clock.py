"""Another time for unchanged code: the clock of one database, and that of the bank with it.

The database's clock is the only one that the marketplace reads. A schema that is searched before
the system's own holds functions of the same names, which add as much as is wanted.
"""

from datetime import timedelta

from tests.chaos.instance import Instance

MAKE = """
CREATE SCHEMA shifted;
CREATE TABLE shifted.clock (ahead interval NOT NULL);
INSERT INTO shifted.clock VALUES (interval '0');
CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + ahead FROM shifted.clock';
CREATE FUNCTION shifted.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT pg_catalog.now() + ahead FROM shifted.clock';
"""


class Clock:
    """The clock of an instance. Make it before any of its programs is started."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._bank_ahead = timedelta(0)
        instance.execute(MAKE)
        name = instance.value("SELECT current_database()")
        instance.execute(f"ALTER DATABASE {name} SET search_path = shifted, public, pg_catalog")
        # What is connected already keeps the path that it began with.
        instance.app.extensions["engine"].dispose()

    def set_ahead(self, ahead: timedelta) -> None:
        """Let it be so much later than it is; the bank's clock never goes back."""
        self._instance.execute("UPDATE shifted.clock SET ahead = :ahead", ahead=ahead)
        further = ahead - self._bank_ahead
        if further > timedelta(0) and "stripesim" in self._instance.programs:
            self._instance.control("/clock", advance_seconds=int(further.total_seconds()))
            self._bank_ahead = ahead
