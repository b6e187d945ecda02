"""Circles, threads and matching at size: as fast for many as for few, and how fast that is.

The database of DATABASE_URL has to be empty: `make bench` gives it one that is thrown away.
"""

import contextlib
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from benchmarks import floors, world
from benchmarks.inside import statements, statuses
from benchmarks.load import Request
from benchmarks.requests import browsers
from marketplace import create_app, schema
from marketplace.config import Settings
from models.geography import Coordinates
from models.listings import ListingKind
from models.skills import SkillSource
from services import matching, skills
from services.matching import Wanted
from services.reference import load_currencies

SECRET = "benchmarks only " * 4
FEW, MANY = 20, 50_000
COMMENTS = 20_000
OFFERS = 100_000
ROUNDS = 15
# A page of a circle of fifty thousand may take so much longer than that of one of twenty.
MOST_RATIO = 1.5
MOST_MATCHING_MS = 100.0
PAGES = ("", "/members", "/messages", "/history", "/numbers")
SENTENCES = (
    "Wer hilft mir bei der Steuererklärung?", "Fahrrad reparieren", "Umzug am Samstag",
    "Wie kan op mijn kat passen?", "belastingaangifte", "bijles wiskunde", "fix a bike",
    "babysitting on Friday", "Gartenarbeit", "translation into Arabic",
)  # fmt: skip

# Beside those who have a browser.
PEOPLE = text("""
WITH person AS (
    INSERT INTO participants (id, kind, slug, name, name_key, about, lang, languages, skills,
        place_name, latitude, longitude, is_trader, trader_details, joined_at)
    SELECT at, 'person', 'person-' || at, 'Person ' || at, 'person ' || at, '', 'en', '{de}', '{}',
        'Town', 51, 7, false, '{}', :now
    FROM generate_series(:first, :last) AS at
)
INSERT INTO members (id, participant_id, email, email_key, password_hash, locale, theme,
    large_print, roles, joined_at, confirmed_at)
SELECT at, at, 'person-' || at || '@example.org', 'person-' || at || '@example.org', '', 'de',
    'auto', false, '{}', :now, :now
FROM generate_series(:first, :last) AS at
""")
CIRCLE = text("""
WITH made AS (
    INSERT INTO circles (slug, name, kind, summary, description, lang, visibility, admission,
        question, members_invite, made_by_id, place_name, time_zone, rules_number, state,
        is_suspended, members_count, stewards_count, brought_count, phase_counts, version, made_at)
    VALUES (:slug, :slug, 'neighbourhood', '', '', 'en', 'public', 'free', '', true, 1, '',
        'Europe/Berlin', 0, 'open', false, 0, 0, 0, '{0,0,0,0,0}', 1, :now)
    RETURNING id
)
INSERT INTO circle_memberships (circle_id, participant_id, made_by_id, state, role, answer,
    rules_number, phase, made_at, since_at)
SELECT made.id, at, at, 'active',
    (CASE at WHEN 1 THEN 'steward' ELSE 'member' END)::circle_role, '', 0, 1 + at % 5, :now,
    CAST(:now AS timestamptz) - at * interval '1 minute'
FROM made, generate_series(1, :count) AS at
RETURNING circle_id
""")
COMMENTS_OF = text("""
INSERT INTO messages (circle_id, author_id, made_by_id, body, lang, mark, is_announcement, made_at)
SELECT :circle, 1 + at % :members, 1 + at % :members, 'Comment ' || at, 'en', 'none', false, :now
FROM generate_series(1, :count) AS at
""")
ANSWERS_OF = text("""
INSERT INTO messages (circle_id, author_id, made_by_id, answers_id, body, lang, mark,
    is_announcement, made_at)
SELECT circle_id, author_id, made_by_id, id, 'Answer', 'en', 'none', false, :now
FROM messages, generate_series(1, 2) WHERE circle_id = :circle AND answers_id IS NULL
""")
# Over Germany and the Netherlands, thicker in towns than between them.
OFFERS_OF = text("""
INSERT INTO listings (kind, sort, slug, participant_id, made_by_id, title, description, lang,
    skill_ids, slots, is_remote, place_name, latitude, longitude, price_kind, swap_for, state,
    made_at, expires_at, version)
SELECT 'offer', 'service', 'offer-' || at, 1 + at % :members, 1 + at % :members, label.label, '',
    label.lang, ARRAY[label.skill_id], ARRAY['evenings'], at % 20 = 0, 'Town',
    51 + (CAST(at AS bigint) * 7919 % 1000) / 250.0,
    4 + (CAST(at AS bigint) * 104729 % 1000) / 100.0, 'gift', '', 'open', :now,
    CAST(:now AS timestamptz) + interval '60 days', 1
FROM generate_series(1, :count) AS at
JOIN LATERAL (
    SELECT * FROM skill_labels WHERE id >= 1 + CAST(at AS bigint) * 31 % :labels ORDER BY id LIMIT 1
) AS label ON true
""")


def main() -> int:
    url = os.environ["DATABASE_URL"]
    settings = Settings(database_url=url, secret_key=SECRET, mail_url="file:var/bench-mail")
    app = create_app(settings)
    # Each request is written down by the server; here nobody reads it.
    with (
        Session(app.extensions["engine"]) as session,
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        now = _begin(session)
        found = [*_circles(app, session, url, now), *_matching(session, now)]
    for words, holds in found:
        print(f"{'holds ' if holds else 'FAILS '} {words}")
    return 0 if all(holds for _, holds in found) else 1


def _begin(session: Session) -> datetime:
    schema.build(session.connection())
    load_currencies(session)
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    now = moment.astimezone(UTC)
    skills.load(
        session,
        skills.read_seed(files("marketplace") / "seed" / "skills.csv"),
        SkillSource.ALLMENDE,
        now=now,
    )
    return now


def _circles(app: Flask, session: Session, url: str, now: datetime) -> Sequence[tuple[str, bool]]:
    """Each page of a large circle against that of a small one, turn by turn in one run."""
    _say(f"{MANY} members, {COMMENTS} comments: each page against that of {FEW}")
    people = world.people(session, now=now, count=FEW)
    session.execute(PEOPLE, {"first": FEW + 1, "last": MANY, "now": now})
    for slug, members, comments in (("few", FEW, FEW), ("many", MANY, COMMENTS)):
        facts = {"slug": slug, "count": members, "now": now}
        circle = session.execute(CIRCLE, facts).scalars().first()
        said = {"circle": circle, "members": members, "count": comments, "now": now}
        session.execute(COMMENTS_OF, said)
        session.execute(ANSWERS_OF, {"circle": circle, "now": now})
    session.execute(text("ANALYZE"))
    session.commit()
    _vacuum(app)
    [steward] = browsers(app, floors.create_app(url, SECRET), people[:1])
    found = []
    for page in PAGES:
        few, many = (
            Request("GET", f"/circles/{slug}{page}", steward.cookie) for slug in ("few", "many")
        )
        counts = statements(app, [few]), statements(app, [many])
        ratio = _ratio(app, few, many)
        words = f"circle{page or ' page'}: {ratio:.2f} × that of {FEW}, {counts[1]} statements"
        found.append((words, ratio <= MOST_RATIO and counts[0] == counts[1]))
    return found


def _vacuum(app: Flask) -> None:
    """As PostgreSQL does by itself some time after so much was written."""
    with app.extensions["engine"].connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _ratio(app: Flask, few: Request, many: Request) -> float:
    def timed(one: Request) -> float:
        began = time.perf_counter()
        assert statuses(app, [one]) == {200: 1}
        return time.perf_counter() - began

    for one in (few, many):
        timed(one)
    return statistics.median(timed(many) / timed(few) for _ in range(ROUNDS))


def _matching(session: Session, now: datetime) -> Sequence[tuple[str, bool]]:
    _say(f"{OFFERS} offers: who could help")
    labels = session.execute(text("SELECT max(id) FROM skill_labels")).scalar_one()
    session.execute(OFFERS_OF, {"members": MANY, "labels": labels, "count": OFFERS, "now": now})
    session.execute(text("ANALYZE"))
    session.commit()
    took = []
    for at in range(ROUNDS * 4):
        here = Coordinates(51.5 + at % 7 / 2, 4.5 + at % 11)
        sentence = SENTENCES[at % len(SENTENCES)]
        took.append(_timed(lambda: _match(session, sentence, here, now)))  # noqa: B023
        session.rollback()
    took = sorted(took[len(SENTENCES) :])
    middle, slow = statistics.median(took), took[int(len(took) * 0.95)]
    words = f"matching among {OFFERS}: {middle:.0f} ms, {slow:.0f} ms for the slowest of twenty"
    return [(words, middle <= MOST_MATCHING_MS)]


def _match(session: Session, sentence: str, here: Coordinates, now: datetime) -> None:
    """From the sentence to those who could help, as it is asked before anything is public."""
    wanted = Wanted(
        kind=ListingKind.OFFER,
        title=sentence,
        participant_ids=[1],
        languages=["de"],
        skill_ids=[one.id for one in skills.detect(session, sentence)],
        point=here,
    )
    assert matching.matches(session, wanted, now=now)


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1_000


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
