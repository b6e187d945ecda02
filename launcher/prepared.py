"""Whether a database already holds this release's tables and the demo world."""

import hashlib
import json
from pathlib import Path

STATE = """
    SELECT (SELECT oid::text FROM pg_database WHERE datname = current_database()),
           (SELECT string_agg(version_num, ' ' ORDER BY version_num) FROM alembic_version)
"""


def fingerprint(checkout: Path, url: str) -> str | None:
    """The migrations on disk and those applied to this very database; None if none were."""
    # Slow to import, and not needed by the other commands.
    import psycopg

    digest = hashlib.sha256()
    for path in sorted((checkout / "migrations").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path.relative_to(checkout)}\0".encode() + path.read_bytes())
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10) as connection:
            state = connection.execute(STATE).fetchone()
    except psycopg.Error:
        return None
    return json.dumps([digest.hexdigest(), *(state or ())])


def is_prepared(checkout: Path, url: str, marker: Path) -> bool:
    return marker.exists() and marker.read_text(encoding="utf-8") == fingerprint(checkout, url)


def remember(checkout: Path, url: str, marker: Path) -> None:
    marker.write_text(fingerprint(checkout, url) or "", encoding="utf-8")
