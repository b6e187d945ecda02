"""The story: every act of the demo world, in order of time, through the services themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from marketplace import db, jobs
from marketplace.config import Settings
from marketplace.demo import afterwards, beside, communities, weekly
from marketplace.demo.banking import Bank, card_of
from marketplace.demo.deal import Deal
from marketplace.demo.deals import DEALS
from marketplace.demo.pricelist import price_list
from marketplace.demo.settling_in import Cast, settle_in
from marketplace.demo.stages import STAGES
from marketplace.payments import acts
from models.buying import GroupBuy, PaymentMethod
from models.errors import Refused
from services import buying, catalogues, operations, transfers
from services.buying import Order, Wanted

Act = Callable[[datetime], None]
# Is told how many acts are done, and of how many.
Step = Callable[[int, int], None]
BEFORE_ALL = timedelta(days=60)
AFTERWARDS = ("ordered", "delivered", "handing_over", "completed", "settled")


class Story:
    """Runs the acts of all deals on one time line that ends now."""

    def __init__(self, app: Flask, settings: Settings, *, now: datetime) -> None:
        self.app, self.now = app, now
        self.midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.bank = Bank(app, settings)
        self.line: list[tuple[datetime, int, Act]] = []
        self.cast: Cast
        self.slugs: dict[str, str] = {}
        self.circles: dict[str, int] = {}

    def tell(self, step: Step) -> None:
        """Live through it all; afterwards the database holds the demo world."""
        with self.app.app_context(), db.at(self.now - BEFORE_ALL):
            self.cast = settle_in(now=self.now - BEFORE_ALL, last=self.midnight)
        self.add(self.day(-6, hour=9), lambda now: self.cast.upload_list(price_list(), now=now))
        communities.plan(self)
        for deal in (*DEALS, *STAGES, weekly.BOX):
            self._plan(deal)
        line = sorted(one for one in self.line if one[0] <= self.now)
        for number, (moment, _, act) in enumerate(line):
            step(number, len(line))
            self._run_jobs(moment)
            self._at(moment, act)
        self._at(self.now, lambda _: acts.fetch_missed())
        self._run_jobs(self.now)

    def _at(self, moment: datetime, act: Act) -> None:
        self.bank.moment = moment
        with self.app.app_context(), db.at(moment):
            act(moment)

    def _run_jobs(self, until: datetime) -> None:
        """Run what is due at its own time, so that a close happens at the close."""
        while True:
            with self.app.app_context():
                due = operations.next_due(db.session(), until=until)
                if due is None:
                    return
                moment = max(due, self.bank.moment)
                self.bank.moment = moment
                jobs.run_due(at=moment)

    def _plan(self, deal: Deal) -> None:
        opens = self.day(deal.opens_on, hour=8)
        closes = self.day(deal.closes_on, hour=17)
        # What opens later is prepared already.
        drafted = min(opens - timedelta(hours=13), self.day(-1, hour=7))
        self.add(drafted, lambda now: self._draft(deal, now))
        if deal.until == "draft":
            return
        self.add(min(opens, drafted + timedelta(hours=13)), lambda now: self._publish(deal, now))
        if opens > self.now:
            return
        end = min(closes, self.now)
        step = (end - opens) / (len(deal.joins) + 2)
        for number, join in enumerate(deal.joins, start=1):
            self.add(opens + step * number, self._joining(deal, *join))
        for number, (who, picked) in enumerate(deal.picks, start=1):
            at = opens + (end - opens) / (len(deal.picks) + 2) * number
            self.add(at, self._picking(deal, who, picked))
        beside.plan(self, deal, opens, end)
        if "waiting" in deal.more:
            who, units = deal.more["waiting"]
            self.add(end - step / 2, self._joining(deal, who, (units,), 0, 0, may_wait=True))
        if deal.cancelled_because:
            self.add(closes - timedelta(days=1), lambda now: beside.cancel(self, deal, now))
        if deal.weekly:
            weekly.plan(self, deal)
        if deal.until in AFTERWARDS:
            afterwards.plan(self, deal, closes)

    def add(self, moment: datetime, act: Act) -> None:
        self.line.append((moment, len(self.line), act))

    def day(self, days: int, *, hour: int) -> datetime:
        return self.midnight + timedelta(days=days, hours=hour)

    def _draft(self, deal: Deal, now: datetime) -> None:
        actor = self.cast.acting(deal.organiser)
        with db.transaction() as session:
            made = buying.draft(session, self._described(deal), actor=actor, now=now)
            if deal.more.get("catalogue"):
                catalogues.copy_into(session, made, self.cast.keep_list(session, now=now))
            if deal.transfers_to:
                holder, iban = deal.transfers_to
                transfers.name_account(
                    session, made, holder=holder, iban=iban, due_days=14, actor=actor, now=now
                )
            self.slugs[deal.key] = made.slug

    def _described(self, deal: Deal) -> buying.Draft:
        more = dict(deal.more)
        town = self.cast.town(deal.town)
        closes_at = last_close_at = self.day(deal.closes_on, hour=17)
        supplier = more.pop("supplier", None)
        extends_on = more.pop("extends_to_on", None)
        more.pop("catalogue", None)
        more.pop("waiting", None)
        more |= communities.of(self, more.pop("circle", ""))
        if supplier:
            more["supplier_id"] = self.cast.participant_id(supplier)
        if extends_on is not None:
            more["extends_to_at"] = last_close_at = self.day(extends_on, hour=17)
        # What is still to be decided leaves time for cards that fail; what is over went quicker.
        is_ahead = deal.until in ("draft", "scheduled", "in_review", "open")
        fetched_at = last_close_at + timedelta(days=10 if is_ahead else 5)
        return buying.Draft(
            buying.Description(
                title=deal.title,
                summary=deal.summary,
                description=deal.description,
                category=deal.category,
                lang=town.lang,
                opens_at=self.day(deal.opens_on, hour=8),
                closes_at=closes_at,
                place_name=town.name,
                latitude=town.latitude,
                longitude=town.longitude,
                time_zone=town.time_zone,
                **more,
            ),
            articles=deal.articles,
            pickup_points=[
                buying.NewPickupPoint(
                    name=deal.pickup[0],
                    address=deal.pickup[1],
                    from_at=fetched_at,
                    until_at=fetched_at + timedelta(hours=2),
                )
            ],
        )

    def _publish(self, deal: Deal, now: datetime) -> None:
        with db.transaction() as session:
            found = self.found(deal)
            buying.publish(session, found, actor=self.cast.acting(deal.organiser), now=now)

    def found(self, deal: Deal) -> GroupBuy:
        actor = self.cast.acting(deal.organiser)
        return buying.find(db.session(), self.slugs[deal.key], actor=actor, lock=True)

    def _joining(
        self,
        deal: Deal,
        who: str,
        units: tuple[int, ...],
        tolerance: int,
        highest: int,
        *,
        may_wait: bool = False,
    ) -> Act:
        def join(now: datetime) -> None:
            actor = self.cast.acting(who)
            by_card = who in deal.by_card
            with db.transaction() as session:
                found = self.found(deal)
                articles = buying.articles(session, found)
                wanted = [
                    Wanted(article.id, count, tolerance if count else 0, highest or None)
                    for article, count in zip(articles, units, strict=True)
                ]
                order = self._order(session, found, wanted, by_card=by_card, may_wait=may_wait)
                commitment_id = buying.join(session, found, order, actor=actor, now=now)
            if by_card:
                self.bank.enter_card(commitment_id, card_of(who, deal), actor)

        return join

    def _picking(self, deal: Deal, who: str, picked: dict[str, tuple[int, int]]) -> Act:
        def pick(now: datetime) -> None:
            actor = self.cast.acting(who)
            with db.transaction() as session:
                found = self.found(deal)
                articles = {one.name: one.id for one in buying.articles(session, found)}
                wanted = [
                    Wanted(articles[name], count, tolerance)
                    for name, (count, tolerance) in picked.items()
                ]
                order = self._order(session, found, wanted)
                buying.join(session, found, order, actor=actor, now=now)

        return pick

    def _order(
        self,
        session: Session,
        found: GroupBuy,
        wanted: list[Wanted],
        *,
        by_card: bool = False,
        may_wait: bool = False,
    ) -> Order:
        [point] = buying.pickup_points(session, found)
        return Order(
            wanted=wanted,
            payment_method=PaymentMethod.CARD if by_card else PaymentMethod.AT_PICKUP,
            pickup_point_id=point.id,
            may_wait=may_wait,
        )


def load(
    app: Flask, settings: Settings, *, now: datetime, step: Step = lambda _done, _all: None
) -> None:
    """Fill an empty database with the demo world as it stands at `now`."""
    try:
        Story(app, settings, now=now).tell(step)
    except Refused as refusal:
        # The demo is data of ours: whatever refuses it is a mistake in it, not a member's.
        raise RuntimeError(f"The demo world was refused: {refusal} {refusal.facts}") from refusal
