"""The story: every act of the demo world, in order of time, through the services themselves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from flask import Flask

from marketplace import db, jobs
from marketplace.config import Settings
from marketplace.demo import weekly
from marketplace.demo.banking import DECLINED_LATER, GOOD, Bank
from marketplace.demo.deal import Deal
from marketplace.demo.deals import DEALS
from marketplace.demo.pricelist import price_list
from marketplace.demo.settling_in import Cast, settle_in
from models.buying import GroupBuy, PaymentMethod
from models.collaborations import CommitmentState, State
from models.errors import Refused
from services import buying, catalogues, dialogue, operations, payments, transfers
from services.buying import Order, Wanted, weighing

Act = Callable[[datetime], None]
BEFORE_ALL = timedelta(days=60)
# How far pieces are from their nominal weight, one after the other; one is a gift.
WHOLE = 10_000
WEIGHED_BASIS_POINTS = (-725, 240, -110, 1350, -480)


class Story:
    """Runs the acts of all deals on one time line that ends now."""

    def __init__(self, app: Flask, settings: Settings, *, now: datetime) -> None:
        self.app, self.now = app, now
        self.midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.bank = Bank(app, settings)
        self.line: list[tuple[datetime, int, Act]] = []
        self.cast: Cast
        self.slugs: dict[str, str] = {}

    def tell(self) -> None:
        """Live through it all; afterwards the database holds the demo world."""
        with self.app.app_context(), db.at(self.now - BEFORE_ALL):
            self.cast = settle_in(now=self.now - BEFORE_ALL, last=self.midnight)
        self.add(self.day(-6, hour=9), lambda now: self.cast.upload_list(price_list(), now=now))
        for deal in (*DEALS, weekly.BOX):
            self._plan(deal)
        for moment, _, act in sorted(self.line, key=lambda step: step[:2]):
            if moment <= self.now:
                self._run_jobs(moment)
                self._at(moment, act)
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
        self.add(opens - timedelta(hours=13), lambda now: self._draft(deal, now))
        if deal.until == "draft":
            return
        self.add(opens, lambda now: self._publish(deal, now))
        end = min(closes, self.now)
        step = (end - opens) / (len(deal.joins) + 2)
        for number, join in enumerate(deal.joins, start=1):
            self.add(opens + step * number, self._joining(deal, *join))
        if "waiting" in deal.more:
            who, units = deal.more["waiting"]
            self.add(end - step / 2, self._joining(deal, who, (units,), 0, 0, may_wait=True))
        if deal.question is not None:
            self.add(opens + step, lambda now: self._ask(deal, now))
        if deal.cancelled_because:
            self.add(closes - timedelta(days=1), lambda now: self._cancel(deal, now))
        if deal.weekly:
            weekly.plan(self, deal)
        if deal.until in ("handing_over", "settled"):
            self.plan_after(deal, closes)

    def plan_after(self, deal: Deal, closes: datetime) -> None:
        acts: list[Callable[..., None]] = [
            self._order,
            self._deliver,
            self._pack,
            self._begin_hand_over,
        ]
        if any(article.overweight_basis_points is not None for article in deal.articles):
            acts.insert(2, self._weigh)
        if deal.until == "settled":
            acts += [self._hand_over_all, self._complete, self._settle]
        else:
            acts += [self._hand_over_some]
        for days, act in enumerate(acts, start=1):
            self.add(closes + timedelta(days=days), self._organising(deal, act))

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
        if supplier:
            more["supplier_id"] = self.cast.participant_id(supplier)
        if extends_on is not None:
            more["extends_to_at"] = last_close_at = self.day(extends_on, hour=17)
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
                    from_at=last_close_at + timedelta(days=5),
                    until_at=last_close_at + timedelta(days=5, hours=2),
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
                [point] = buying.pickup_points(session, found)
                articles = buying.articles(session, found)
                order = Order(
                    wanted=[
                        Wanted(article.id, count, tolerance if count else 0, highest or None)
                        for article, count in zip(articles, units, strict=True)
                    ],
                    payment_method=PaymentMethod.CARD if by_card else PaymentMethod.AT_PICKUP,
                    pickup_point_id=point.id,
                    may_wait=may_wait,
                )
                commitment_id = buying.join(session, found, order, actor=actor, now=now)
            if by_card:
                number = DECLINED_LATER if who in deal.declined else GOOD
                self.bank.enter_card(commitment_id, number, actor)

        return join

    def _ask(self, deal: Deal, now: datetime) -> None:
        assert deal.question is not None
        who, question, answer = deal.question
        lang = self.cast.town(deal.town).lang
        with db.transaction() as session:
            found = self.found(deal)
            asked = dialogue.ask(
                session, found, body=question, lang=lang, actor=self.cast.acting(who), now=now
            )
            dialogue.answer(
                session,
                found,
                asked.id,
                body=answer,
                lang=lang,
                actor=self.cast.acting(deal.organiser),
                now=now + timedelta(hours=2),
            )

    def _cancel(self, deal: Deal, now: datetime) -> None:
        with db.transaction() as session:
            buying.cancel(
                session,
                self.found(deal),
                reason=deal.cancelled_because,
                actor=self.cast.acting(deal.organiser),
                now=now,
            )

    def _organising(self, deal: Deal, act: Callable[..., None]) -> Act:
        def organise(now: datetime) -> None:
            actor = self.cast.acting(deal.organiser)
            with db.transaction() as session:
                found = self.found(deal)
                if found.state in (State.RUNNING, State.COMPLETED):
                    act(session, deal, found, actor=actor, now=now)

        return organise

    def _order(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        buying.mark_ordered(session, found, **by)

    def _deliver(self, session: Any, deal: Deal, found: GroupBuy, **by: Any) -> None:
        came = {
            article.id: (article.decided_units or 0) - (deal.short if place == 0 else 0)
            for place, article in enumerate(buying.ordered_articles(session, found))
        }
        buying.deliver(session, found, came, **by)

    def _weigh(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        crates = buying.commitments(session, found, [CommitmentState.IN])
        every = weighing.portions(buying.articles(session, found), crates).values()
        weighed = [one for some in every for one in some]
        differences = cycle(WEIGHED_BASIS_POINTS)
        grams = {
            one.line.id: one.nominal_grams * (WHOLE + next(differences)) // WHOLE for one in weighed
        }
        buying.weigh(session, found, grams)
        buying.make_final(session, found, **by)

    def _pack(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        for commitment in buying.commitments(session, found, [CommitmentState.IN]):
            buying.mark_packed(session, found, commitment, now=by["now"])

    def _begin_hand_over(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        buying.begin_hand_over(session, found, **by)

    def _hand_over_all(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        for commitment in buying.commitments(session, found, [CommitmentState.IN]):
            self._hand_over(session, found, commitment, **by)

    def _hand_over_some(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        for commitment in buying.commitments(session, found, [CommitmentState.IN])[:3]:
            self._hand_over(session, found, commitment, **by)

    def _hand_over(self, session: Any, found: GroupBuy, commitment: Any, **by: Any) -> None:
        buying.hand_over(session, found, commitment, **by)
        if commitment.payment_method == PaymentMethod.AT_PICKUP:
            payer = self.cast.actor_of(commitment.participant_id)
            payments.confirm_received(session, commitment.id, **by)
            payments.confirm_paid(session, commitment.id, actor=payer, now=by["now"])

    def _complete(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        buying.complete(session, found, **by)

    def _settle(self, session: Any, _deal: Deal, found: GroupBuy, **by: Any) -> None:
        buying.settle(session, found, **by)


def load(app: Flask, settings: Settings, *, now: datetime) -> None:
    """Fill an empty database with the demo world as it stands at `now`."""
    try:
        Story(app, settings, now=now).tell()
    except Refused as refusal:
        # The demo is data of ours: whatever refuses it is a mistake in it, not a member's.
        raise RuntimeError(f"The demo world was refused: {refusal} {refusal.facts}") from refusal
