"""What somebody hostile tries on the services: sums that overflow, words in others' names."""

import struct
import zlib
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from marketplace.config import UnsafeSettings, refuse_unsafe
from models.actors import Actor
from models.dialogue import NotYoursToHide
from models.disputes import Target
from models.errors import Invalid, NotFound
from models.participants import MembershipRole, ParticipantKind, PictureTooLarge
from services import buying, catalogues, dialogue, disputes, pictures
from services.buying.drafting import MayNotOrganise
from services.buying.orders import OrderTooLarge
from tests import make, make_buying, make_catalogues, make_talk
from tests.make_buying import group_buy, join, olive_oil

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("tiers", {"tiers": [(1, 10**9 + 1)], "maximum_units": None}),
        ("tiers", {"tiers": [(1, 2), (MILLION + 1, 1)], "maximum_units": None}),
        ("deposit", {"deposit_minor": 10**9 + 1}),
        ("maximum_units", {"maximum_units": MILLION + 1}),
        ("minimum_units", {"minimum_units": MILLION + 1, "maximum_units": None}),
        ("case_size", {"case_size": MILLION + 1, "maximum_units": None}),
    ],
)
def test_no_article_is_so_dear_or_so_many_that_sums_overflow(session, alice, now, field, given):
    with pytest.raises(Invalid) as refused:
        group_buy(session, alice, articles=[olive_oil(**given)], now=now)

    assert field in refused.value.fields


def test_no_order_is_too_large_to_be_reckoned(session: Session, alice: Actor, bob, charlie, now):
    dear = olive_oil(tiers=[(1, 10**9)], maximum_units=None)
    deal = group_buy(session, alice, articles=[dear], now=now)

    with pytest.raises(OrderTooLarge):
        join(session, deal, bob, 1001, now=now)
    with pytest.raises(OrderTooLarge):
        join(session, deal, bob, 1, tolerance=1000, now=now)
    join(session, deal, charlie, 1000, now=now)

    assert deal.standing_value_minor <= 10**12


def test_what_is_free_is_not_wanted_beyond_what_its_columns_hold(session, alice, bob, now):
    free = olive_oil(tiers=[(1, 0)], maximum_units=None)
    deal = group_buy(session, alice, articles=[free], now=now)
    [article] = buying.articles(session, deal)
    article.active_units, article.demand_units = 10**9, [10**9]
    session.flush()

    with pytest.raises(OrderTooLarge):
        join(session, deal, bob, 1, now=now)


def test_an_agent_begins_no_deal_that_they_could_not_run(session, alice, now: datetime):
    agent = make.organisation(session, "Kornhaus", owner=alice, role=MembershipRole.AGENT, now=now)

    with pytest.raises(MayNotOrganise):
        group_buy(session, agent, now=now)


def test_a_guest_is_no_target_that_strangers_could_read_of(session, alice, now):
    guest = make.participant(
        session,
        "Oma Erna",
        kind=ParticipantKind.GUEST,
        kept_by_id=alice.participant.id,
        now=now,
    )

    with pytest.raises(NotFound):
        disputes.find_target(session, Target.PARTICIPANT, guest.id, actor=None)


def test_a_list_that_no_column_could_number_is_found_nowhere(session, alice, now):
    biohof = make_catalogues.catalogue(session, alice, now=now)

    with pytest.raises(NotFound):
        catalogues.version(session, biohof, 2**40)


def test_a_moderator_takes_back_nobody_elses_words(session, alice, bob, dana, now):
    deal = make_buying.group_buy(session, alice, now=now)
    asked = make_talk.ask(session, deal, body="Why?", lang="en", actor=bob, now=now)

    with pytest.raises(NotYoursToHide):
        dialogue.take_back(session, asked.id, actor=dana, now=now)
    dialogue.take_back(session, asked.id, actor=bob, now=now)

    assert asked.hidden_at == now


def test_a_picture_of_one_pixels_width_takes_no_gigabyte():
    with pytest.raises(PictureTooLarge):
        pictures.encode(png(1, 39_000_000))


@pytest.mark.parametrize("mode", ["prod", "Production", "", " demo"])
def test_a_misspelt_mode_does_not_start_without_its_guards(app, mode):
    settings = replace(app.config["SETTINGS"], allmende_mode=mode)

    with pytest.raises(UnsafeSettings):
        refuse_unsafe(settings)


def png(width: int, height: int) -> bytes:
    """The header of a picture of that size, with a few of its rows."""

    def part(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = part(b"IDAT", zlib.compress(b"\0" * 4000))
    return b"\x89PNG\r\n\x1a\n" + header + rows + part(b"IEND", b"")
