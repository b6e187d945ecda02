# ruff: noqa: E501
"""The weekly box of the demo world: a series with two rounds behind it and one that is open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from marketplace import db
from marketplace.demo import afterwards
from marketplace.demo.deal import Deal, one
from models.buying import PaymentMethod
from models.collaborations import Category
from services import buying, series
from services.series import Rhythm

if TYPE_CHECKING:
    from marketplace.demo.story import Story

BOX = Deal(
    "kiste", "speisekammer", "bhv", "Gemüsekiste vom Deichhof, jede Woche",
    "Acht Sorten, am Morgen geerntet; dazu Eier und Brot, wer mag.",
    "Der Deichhof packt ab sechs Kisten. Bestellt wird bis Montagabend, abgeholt am Samstag. "
    "Die Kiste bringt ihr bitte wieder mit.",
    Category.FOOD,
    (one("Gemüsekiste, zwei Personen", "Kiste", (1, 1790), (6, 1650), (15, 1490), minimum_units=4,
         maximum_units=40, vat_basis_points=700, deposit_minor=300, order_number="K2", origin="Wremen"),
     one("Eier, Freiland", "10 Stück", (1, 420), minimum_units=3, vat_basis_points=700,
         order_number="E10", origin="Wremen"),
     one("Roggenbrot", "1 kg", (1, 480), minimum_units=2, vat_basis_points=700, order_number="B1",
         base_unit="kg", base_units_thousandths=1000, origin="Langen")),
    -17, -13, ("Speisekammer", "Rickmersstraße 58, 27576 Bremerhaven"),
    (("bruno", (1, 1, 1), 0, 0), ("dörte", (2, 1, 0), 0, 0), ("gerd", (1, 2, 1), 0, 0),
     ("hanna", (1, 0, 1), 0, 0), ("mina", (1, 1, 0), 0, 0), ("nele", (1, 1, 1), 0, 0)),
    until="settled", more={"supplier_name": "Deichhof Wremen"},
    weekly=("bruno", "dörte", "gerd", "hanna", "mina", "nele"),
)  # fmt: skip
ROUNDS = 3
WEEK = timedelta(days=7)


def plan(story: "Story", deal: Deal) -> None:
    """Make a series of the deal once it is open, and order in each of its rounds."""
    opens = story.day(deal.opens_on, hour=8)
    story.add(opens + timedelta(minutes=5), _begin(story, deal))
    for number in range(2, ROUNDS + 1):
        weeks = number - 1
        again = replace(
            deal,
            key=f"{deal.key}-{number}",
            opens_on=deal.opens_on + 7 * weeks,
            closes_on=deal.closes_on + 7 * weeks,
            until="open" if number == ROUNDS else deal.until,
        )
        opened = opens + WEEK * weeks + timedelta(minutes=5)
        story.add(opened, _find(story, deal, again.key))
        # Whoever is last has not come round to it yet this week.
        for place, who in enumerate(deal.weekly[: len(deal.weekly) - weeks + 1], start=1):
            story.add(opened + timedelta(hours=5) * place, _as_usual(story, again, who))
        if again.until != "open":
            afterwards.plan(story, again, story.day(again.closes_on, hour=17))


def _begin(story: "Story", deal: Deal) -> Callable[[datetime], None]:
    def begin(now: datetime) -> None:
        actor = story.cast.acting(deal.organiser)
        with db.transaction() as session:
            first = story.found(deal)
            made = series.begin(
                session, first, Rhythm(1, opens_by_itself=True), actor=actor, now=now
            )
            for who in deal.weekly:
                series.follow(session, made, actor=story.cast.acting(who), now=now)

    return begin


def _find(story: "Story", deal: Deal, key: str) -> Callable[[datetime], None]:
    def find(_now: datetime) -> None:
        with db.transaction() as session:
            first = story.found(deal)
            assert first.series_id is not None
            found = series.locked(session, first.series_id)
            story.slugs[key] = series.newest(session, found).slug

    return find


def _as_usual(story: "Story", deal: Deal, who: str) -> Callable[[datetime], None]:
    """Order what one ordered the last time, with the button that fills it in."""

    def order(now: datetime) -> None:
        actor = story.cast.acting(who)
        with db.transaction() as session:
            found = story.found(deal)
            before = buying.usual(session, found, actor.participant.id)
            if before is None:
                return
            filled = buying.fill(session, found, before)
            [point] = buying.pickup_points(session, found)
            asked = buying.Order(
                wanted=list(filled.wanted.values()),
                payment_method=PaymentMethod.AT_PICKUP,
                pickup_point_id=point.id,
            )
            buying.join(session, found, asked, actor=actor, now=now)

    return order
