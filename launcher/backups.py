"""Backups: the whole database in one file, and its way back, whole or not at all."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
# What was lost had numbers: the payment provider still knows keys that were made from them, and
# invoices are in the hands of their buyers. The steps grow with the clock, so that a file which is
# restored a second time gives other numbers; nobody uses up so many of them meanwhile.
STEP = """
    SELECT count(setval(
        format('%I.%I', schemaname, sequencename)::regclass,
        coalesce(last_value, 0) + 1000000
            + (10 * extract(epoch FROM now() - timestamptz '2026-01-01'))::bigint
    ))
    FROM pg_sequences WHERE schemaname = 'public' AND data_type = 'bigint'::regtype;
    ALTER TABLE public.invoice_counters DISABLE TRIGGER USER;
    INSERT INTO public.invoice_counters AS counter (seller_id, year, last_number)
        SELECT seller_id, years.year,
            10000 + ceil(extract(epoch FROM now() - date_trunc('year', now())) / 60)
        FROM (
            SELECT organiser_id FROM public.collaborations
            UNION SELECT supplier_id FROM public.group_buys WHERE supplier_id IS NOT NULL
        ) AS sellers (seller_id)
        -- The year is that of the deal's place, which may be another around New Year.
        CROSS JOIN (
            SELECT DISTINCT extract(year FROM now() + step) FROM unnest(
                ARRAY[interval '-1 day', interval '1 day']
            ) AS step
        ) AS years (year)
        ON CONFLICT (seller_id, year)
        DO UPDATE SET last_number = counter.last_number + excluded.last_number;
    ALTER TABLE public.invoice_counters ENABLE TRIGGER USER
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
    """Put what `file` holds into `DATABASE_URL` in place of all it holds, or change nothing.

    Refuses a database that holds something unless it `overwrites` it. What is made afterwards has
    numbers that nothing had since the backup: the payment provider remembers those for a day, and
    whoever was sent an invoice for ever.
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
    # As statements first: so a file that ends too early is noticed before anything is replaced.
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".sql") as statements:
        unpacked = f"--file={statements.name}"
        unpack = ["pg_restore", "--no-owner", "--exit-on-error", unpacked, str(file)]
        code = subprocess.run(unpack, env=with_password, check=False).returncode
        if code:
            return code
        replace = [
            *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"),
            *("--output=/dev/null", f"--command={EMPTY}", unpacked, f"--command={STEP}", where),
        ]
        return subprocess.run(replace, env=with_password, check=False).returncode


def _reached(env: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """How the server's tools reach the database; the password is for no list of processes."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    known = {name: value for name, value in conninfo_to_dict(_url(env)).items() if value}
    password = known.pop("password", None)
    with_password = {**env, "PGPASSWORD": str(password)} if password else dict(env)
    return make_conninfo(**{name: str(value) for name, value in known.items()}), with_password


def _url(env: Mapping[str, str]) -> str:
    return env["DATABASE_URL"].replace("+psycopg", "", 1)
