"""A worker as a process of its own, with two tasks that only tests know.

Arguments: the database's URL and a folder. `test.slow` says that it began, and waits as long
as a file called `hold` is in the folder.
"""

import sys
import time
from pathlib import Path

from sqlalchemy import text

from marketplace import create_app, db, jobs
from marketplace.config import Settings

url, folder = sys.argv[1], Path(sys.argv[2])


@jobs.task("test.slow")
def slow(name: str) -> None:
    with db.transaction() as session:
        session.execute(
            text("INSERT INTO throttles VALUES (:key, 1, '2100-01-01') ON CONFLICT DO NOTHING"),
            {"key": name},
        )
        (folder / f"began-{name}").touch()
        while (folder / "hold").exists():
            time.sleep(0.05)


@jobs.task("test.broken")
def broken() -> None:
    raise ValueError("This task never works.")


app = create_app(
    Settings(
        database_url=url, secret_key="for tests only " * 4, log_level="CRITICAL", mail_url="file:."
    )
)
jobs.work(app, url, until_empty="--until-empty" in sys.argv)
