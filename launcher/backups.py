"""Backups: the whole database in one file, and its way back into a database that holds nothing."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

# What was lost had numbers, and the payment provider still knows keys that were made from them.
STEP_OVER = 1_000_000

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
STEP = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass,
                  coalesce(last_value, 0) + %(further)s)
    FROM pg_sequences WHERE schemaname = 'public' AND data_type = 'bigint'::regtype
"""


class CouldNotRestore(Exception):
    """A database that holds something, or a file that cannot be read back."""


def back_up(file: Path, env: Mapping[str, str]) -> int:
    """Write all that `DATABASE_URL` holds at this moment into `file`, whole or not at all."""
    unfinished = file.with_name(file.name + ".unfinished")
    unfinished.touch(mode=0o600)
    where, with_password = _reached(env)
    command = ["pg_dump", "--format=custom", f"--file={unfinished}", where]
    code = subprocess.run(command, env=with_password, check=False).returncode
    if code == 0:
        unfinished.replace(file)
    else:
        unfinished.unlink()
    return code


def restore(file: Path, env: Mapping[str, str], *, overwrites: bool) -> int:
    """Put what `file` holds into `DATABASE_URL`, all of it or nothing.

    Refuses a database that holds something unless it `overwrites` it. What is made afterwards has
    numbers that nothing had since the backup: the payment provider remembers those for a day.
    """
    # Slow to import, and not needed by the other commands.
    import psycopg

    if not file.is_file():
        raise CouldNotRestore(f"There is no file {file}.")
    with psycopg.connect(_url(env)) as connection:
        row = connection.execute(TABLES).fetchone()
    if row and row[0] and not overwrites:
        raise CouldNotRestore(
            "This database holds something. To have it replaced by the backup, say so: "
            "make restore FILE=… CONFIRM=yes"
        )
    where, with_password = _reached(env)
    command = [
        *("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction"),
        *("--exit-on-error", f"--dbname={where}", str(file)),
    ]
    code = subprocess.run(command, env=with_password, check=False).returncode
    if code == 0:
        with psycopg.connect(_url(env)) as connection:
            connection.execute(STEP, {"further": STEP_OVER})
    return code


def _reached(env: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """How the server's tools reach the database; the password is for no list of processes."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    known = {name: value for name, value in conninfo_to_dict(_url(env)).items() if value}
    password = known.pop("password", None)
    with_password = {**env, "PGPASSWORD": str(password)} if password else dict(env)
    return make_conninfo(**{name: str(value) for name, value in known.items()}), with_password


def _url(env: Mapping[str, str]) -> str:
    return env["DATABASE_URL"].replace("+psycopg", "", 1)
