"""Build a world in the database of DATABASE_URL, measure it, print what was found.

The database has to be empty: `make bench` gives it one that is thrown away.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import floors, promises, table, world
from benchmarks.load import Load, send
from benchmarks.measuring import (
    LOAD_THREADS,
    Asked,
    Inside,
    Outside,
    Supply,
    measure_inside,
    measure_outside,
)
from benchmarks.requests import Browser, browsers, details, joins, lists, offers, searches
from benchmarks.served import Server, served
from marketplace import create_app, schema
from marketplace.config import Settings
from services import ledger
from services.reference import load_currencies

SECRET = "benchmarks only " * 4
FEW = 100
SCARCE_UNITS = 50
LAST_UNITS = "race for the last units"


def main() -> int:
    asked = _arguments()
    url = os.environ["DATABASE_URL"]
    settings = Settings(database_url=url, secret_key=SECRET, mail_url="file:var/bench-mail")
    app, floor = create_app(settings), floors.create_app(url, SECRET)
    with Session(app.extensions["engine"]) as session:
        _say(f"{FEW} deals: what one request costs")
        readers = _begin(session, app, floor)
        few = _inside(session, app, floor, readers, asked.only, first=1)
        _say(f"{asked.deals} deals: what one request costs")
        world.grow(session, asked.deals, now=_now(session))
        floors.build(session.connection())
        session.commit()
        many = _inside(session, app, floor, readers, asked.only, first=FEW * 2)
        environ = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "ALLMENDE_MODE": "demo"}
        with (
            served("marketplace:create_app()", environ) as ours,
            served("benchmarks.floors:create_app()", environ) as bare,
        ):
            outside = _outside(session, ours, bare, readers, asked)
            kept = _promises(session, ours, readers, outside)
            memory = ours.resident_mib(), bare.resident_mib()
    lines = [table.Line(name, many.get(name), few.get(name), outside[name]) for name in outside]
    print(table.drawn(lines))
    print(f"\nworkers hold {memory[0]} MiB, those of the floor {memory[1]} MiB\n")
    found = [*table.targets(lines), *kept]
    for text, holds in found:
        print(f"{'holds ' if holds else 'FAILS '} {text}")
    return 0 if all(holds for _, holds in found) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--deals", type=int, default=10_000, help="how many are open")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a round of load is")
    parser.add_argument("--only", default="", help="rows whose name begins so")
    return parser.parse_args()


def _begin(session: Session, app: Flask, floor: Flask) -> list[Browser]:
    schema.build(session.connection())
    load_currencies(session)
    now = _now(session)
    people = world.people(session, now=now)
    world.grow(session, FEW, now=now)
    floors.build(session.connection())
    session.commit()
    return browsers(app, floor, people)


def _inside(
    session: Session,
    app: Flask,
    floor: Flask,
    readers: Sequence[Browser],
    only: str,
    *,
    first: int,
) -> dict[str, Inside]:
    """CPU, statements and memory of each kind; the log that is written goes nowhere."""
    shown = offers(session, first=first, count=40)
    few_readers = readers[:120]
    joining = Supply(lambda bare: joins(readers[:600], shown[:4], floor=bare), size=60)
    session.rollback()
    asked: dict[str, Asked] = {
        "list": lambda bare: lists(few_readers, floor=bare),
        "detail": lambda bare: details(few_readers, shown, floor=bare),
        "search": lambda bare: searches(few_readers, floor=bare),
        "join": joining,
    }
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        return {
            name: measure_inside(app, floor, requests)
            for name, requests in asked.items()
            if name.startswith(only)
        }


def _outside(
    session: Session,
    ours: Server,
    bare: Server,
    readers: Sequence[Browser],
    asked: argparse.Namespace,
) -> dict[str, Outside]:
    deals = asked.deals
    shown = offers(session, first=deals // 2, count=40)
    hot = offers(session, first=deals // 4, count=1)
    session.rollback()
    several = Supply(lambda floor: joins(readers, shown[:20], floor=floor), size=6_000)
    one = Supply(lambda floor: joins(readers, hot, floor=floor), size=300)
    found = {}
    for name, requests, repeat in (
        ("list", lambda floor: lists(readers, floor=floor), True),
        ("detail", lambda floor: details(readers, shown, floor=floor), True),
        ("search", lambda floor: searches(readers, floor=floor), True),
        ("join", several, False),
        ("join one deal", one, False),
    ):
        if name.startswith(asked.only):
            _say(f"{deals} deals, {LOAD_THREADS} at once: {name}")
            found[name] = measure_outside(
                ours, bare, requests, seconds=asked.seconds, repeat=repeat
            )
    return found


def _promises(
    session: Session, ours: Server, readers: Sequence[Browser], outside: dict[str, Outside]
) -> list[tuple[str, bool]]:
    """A race for the last units of one deal, and then what must hold after all of this."""
    _say(LAST_UNITS)
    deal = world.scarce(session, units=SCARCE_UNITS, now=_now(session))
    session.commit()
    offer = offers(session, first=deal.id, count=1)
    session.rollback()
    racing = joins(readers[: 4 * SCARCE_UNITS], offer, floor=False)
    came = send(ours.port, racing, threads=LOAD_THREADS, seconds=120, repeat=False)
    sold = promises.sold(session, deal.id)
    failures = sum(
        count
        for one in outside.values()
        for status, count in (one.ours.statuses + one.floor.statuses).items()
        if status not in (200, 303)
    )
    findings = ledger.verify(session)
    over = promises.oversold(session)
    return [
        (
            f"{LAST_UNITS}: {sold} of {SCARCE_UNITS} sold, {dict(came.statuses)}",
            _is_fair(came, sold),
        ),
        (f"oversold: {over}", over == 0),
        (f"answers that were no answer: {failures}", failures == 0),
        (f"ledger verify: {findings or 'sound'}", not findings),
    ]


def _is_fair(came: Load, sold: int) -> bool:
    """Whoever got a unit was told so, everybody else that there are none left."""
    return sold == SCARCE_UNITS == came.statuses[303] and set(came.statuses) == {303, 409}


def _now(session: Session) -> datetime:
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
