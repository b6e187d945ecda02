"""Every page of the demo world that somebody can see, and as whom they see it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select

from marketplace import db
from marketplace.demo.community import COMMUNITIES
from marketplace.demo.deals import DEALS
from marketplace.demo.people import PEOPLE
from marketplace.demo.stages import STAGES
from models.buying import Article, GroupBuyCommitment, Stage
from models.catalogues import Catalogue, CatalogueArticle
from models.chargebacks import Chargeback
from models.circles import Admission, Circle, CircleMembership
from models.collaborations import Collaboration
from models.disputes import Case, Ground, Target
from models.invoices import Invoice
from models.members import Member
from models.operations import LegalKind
from models.participants import MembershipRole, Participant
from models.series import Series
from services import buying, dialogue, disputes, members, operations, sessions
from services.buying import inviting
from services.participants import invitations
from tests import make_talk
from tests.journeys.instance import Instance
from tests.make_buying import group_buy
from tests.make_running import closed, commitment, handing_over, ordered

EMAILS = {person.key: person.email for person in PEOPLE}
TITLES = {deal.key: deal.title for deal in (*DEALS, *STAGES)}
NAMES = {one.key: one.name for one in COMMUNITIES}
# To which one asks to be let in; Karin runs it for the beekeepers.
[ASKED_KEY] = [one.key for one in COMMUNITIES if one.admission == Admission.REQUEST]
BEEKEEPERS = "Deichimkerei Stolle"


@dataclass(frozen=True)
class Sight:
    """A page, who looks at it, and in whose name they do."""

    who: str
    path: str
    acting_as: str = ""
    status: int = 200


class Sights:
    """Looks up, or brings about, what each page shows."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        # A few articles show what hundreds do, and axe is done with them in a second.
        self.word = self._one(select(CatalogueArticle.name)).split()[0]
        self.ordered = self._ordered_deal()
        self.completed, self.owing = self._completed_deal()
        self.asked = self._asked_supplier()
        self._ask_to_co_organise()
        self.sold, self.contract = self._sold_by_a_trader()
        self._publish_newer_terms()
        self.links = self._links_in_mails()
        self.case, self.decided_case = self._report("olivenoel"), self._report("led")
        self._decide(self.decided_case)

    def all(self) -> list[Sight]:
        return [
            *self._of_strangers(),
            *self._of_members(),
            *self._of_organisers(),
            *self._of_circles(),
            *self._of_drafts(),
            *self._of_catalogues(),
            *self._of_keepers(),
        ]

    def deal(self, key: str) -> str:
        slug = self._one(select(Collaboration.slug).filter_by(title=TITLES[key]))
        return f"/group-buys/{slug}"

    def article(self, key: str) -> str:
        """The page of the first article of a deal."""
        first = select(func.min(Article.id)).join(
            Collaboration, Collaboration.id == Article.group_buy_id
        )
        found = self._one(first.where(Collaboration.title == TITLES[key]))
        return f"{self.deal(key)}/articles/{found}"

    def order(self, key: str, who: str) -> int:
        """The id of somebody's commitment to a deal."""
        return int(
            self._one(
                select(GroupBuyCommitment.id)
                .join(Collaboration, Collaboration.id == GroupBuyCommitment.collaboration_id)
                .join(Member, Member.participant_id == GroupBuyCommitment.participant_id)
                .where(Collaboration.title == TITLES[key], Member.email_key == EMAILS[who])
            )
        )

    def _one(self, query: Select[Any]) -> Any:
        return self.instance.read(lambda session: session.scalars(query.limit(1)).one())

    def _of_strangers(self) -> Iterator[Sight]:
        yield from (Sight("", path) for path in STRANGERS)
        yield from (Sight("", path) for path in self.links.values())
        for key in ("olivenoel", "coop", "honig", "kartoffeln", "brennholz", "rye", "fiets"):
            yield Sight("", self.deal(key))
        for path in (f"articles?q={self.word}", "history", "messages", "terms"):
            yield Sight("", f"{self.deal('coop')}/{path}")
        yield Sight("", f"/series/{self._one(select(Series.slug))}")
        yield Sight("", f"{self.deal('honig')}/proof")
        yield Sight("", self.article("honig"))
        oil = self._one(select(Collaboration.id).filter_by(title=TITLES["olivenoel"]))
        yield Sight("", f"/report/collaboration/{oil}")
        for name in ("Alma Petersen", "Deichimkerei Stolle"):
            yield Sight("", f"/people/{self._one(select(Participant.slug).filter_by(name=name))}")

    def _of_members(self) -> Iterator[Sight]:
        yield from (Sight("hanna", path) for path in MEMBERS)
        for key in ("olivenoel", "kartoffeln", "honig"):
            yield Sight("hanna", self.deal(key))
        oil, mine = self.deal("olivenoel"), self.order("olivenoel", "hanna")
        yield Sight("hanna", f"{oil}/order")
        yield Sight("hanna", f"{oil}/commitments/{mine}/withdrawal")
        yield Sight("hanna", f"{self.deal('honig')}/accounts")
        yield Sight("hanna", f"/payments/{mine}")
        yield Sight("hanna", f"/payments/{self.order('kartoffeln', 'hanna')}")
        yield Sight("hanna", f"/payments/{self.order('honig', 'hanna')}")
        yield Sight("felix", f"/payments/{self.order('rye', 'felix')}")
        for key, who in (("honig", "gerd"), ("regal", "ilse")):
            order = self.order(key, who)
            yield Sight(who, f"/commitments/{order}/invoices")
            of_order = select(Invoice.id).filter_by(commitment_id=order)
            yield Sight(who, f"/invoices/{self._one(of_order.order_by(Invoice.id.desc()))}")
        yield Sight("hanna", f"{self.deal('coop')}/articles?q={self.word}")
        yield Sight("hanna", self.article("coop"))
        yield Sight("hanna", f"{self.deal('coop')}/desk", status=403)
        yield Sight("nele", f"/cases/{self.decided_case}")

    def _of_circles(self) -> Iterator[Sight]:
        """What everyone sees of them, then a member, then whoever runs one."""
        [public, asked] = (
            f"/circles/{self._one(select(Circle.slug).filter_by(name=NAMES[key]))}"
            for key in ("goethe", ASKED_KEY)
        )
        for path in ("/circles", "/circles?q=garten", public, f"{public}/members", asked):
            yield Sight("", path)
        for path in ("history", "rules", "messages", "poster"):
            yield Sight("", f"{public}/{path}")
        for kind in ("circles", "group-buys"):
            slug = public if kind == "circles" else self.deal("olivenoel")
            yield Sight("", f"/widgets{slug}")
        for path in ("/circles/mine", "/circles/new", public, f"{public}/departure"):
            yield Sight("hanna", path)
        for path in ("", "/settings", "/invitations", "/numbers", "/money", "/rules/new", "/end"):
            yield Sight("alma", f"{public}{path}")
        removed = self._one(
            select(CircleMembership.id)
            .join(Circle, Circle.id == CircleMembership.circle_id)
            .join(Member, Member.participant_id == CircleMembership.participant_id)
            .where(Circle.name == NAMES["goethe"], Member.email_key == EMAILS["hanna"])
        )
        yield Sight("alma", f"{public}/members/{removed}/removal")
        yield Sight("alma", f"{public}/requests")
        for path in ("", "/requests", "/numbers"):
            yield Sight("karin", f"{asked}{path}", BEEKEEPERS)
        yield from self._of_messages()

    def _of_messages(self) -> Iterator[Sight]:
        """One of Hanna's, changed, in the circle that Alma runs."""
        with self.instance.app.app_context(), db.transaction() as session:
            hanna, now = self._actor("hanna", session), self.instance.clock.now()
            made = session.scalars(select(Circle).filter_by(name=NAMES["goethe"])).one()
            said = make_talk.ask(session, made, body="Wer hat eine Leiter?", actor=hanna, now=now)
            subject = dialogue.of_message(session, said, actor=hanna)
            dialogue.edit(session, subject, said.id, body="Wer leiht mir?", lang="de", now=now)
            message_id = said.id
        for who, path in (("", ""), ("hanna", "/editing"), ("", "/history"), ("alma", "/hiding")):
            yield Sight(who, f"/messages/{message_id}{path}")

    def _of_organisers(self) -> Iterator[Sight]:
        yield Sight("alma", "/organising")
        oil = self.deal("olivenoel")
        yield from (Sight("alma", f"{oil}/desk{path}") for path in DESK)
        point = self.instance.read(
            lambda session: (
                buying.pickup_points(session, buying.find(session, oil.rsplit("/", 1)[1]))[0].id
            )
        )
        yield Sight("alma", f"{oil}/desk/pick-up")
        yield Sight("alma", f"{oil}/desk/pick-up/{point}")
        article = self._one(
            select(Article.id).join(Collaboration, Collaboration.id == Article.group_buy_id)
            .filter_by(title=TITLES["olivenoel"])
        )  # fmt: skip
        yield Sight("alma", f"{oil}/desk/terms/articles/{article}")
        yield Sight("alma", f"{oil}/series")
        series = f"/series/{self._one(select(Series.slug))}/rhythm"
        yield Sight("alma", series, "Speisekammer Lehe")
        yield Sight("nele", f"{self.deal('kaese')}/desk/weights")
        yield Sight("emil", f"{self.deal('kaffee')}/desk/transfers")
        wholesaler = "Naturkost Weser-Ems GmbH"
        yield Sight("emil", f"{self.asked}/supplier-consent", wholesaler)
        yield Sight("emil", f"{self.sold}/desk/contract-withdrawals", wholesaler)
        yield Sight("bruno", f"/commitments/{self.contract}/contract-withdrawal")
        for path in ("", "/order", "/packing", "/packing?by=article", "/hand-over", "/completion"):
            yield Sight("dörte", f"{self.deal('kartoffeln')}/desk{path}")
        for path in ("/completion", "/hand-over"):
            yield Sight("karin", f"{self.deal('honig')}/desk{path}")
        yield Sight("karin", "/invoices/issued")
        # One who is paid, and one who has not set anything up.
        for path in ("/settings/payouts", "/settings/payouts/statement"):
            yield Sight("karin", path, "Deichimkerei Stolle")
            yield Sight("frauke", path)
        asked = self._one(select(Chargeback.id))
        for path in ("", "/acceptance"):
            yield Sight("frauke", f"/chargebacks/{asked}{path}")
        yield Sight("alma", f"{self.ordered}/desk/delivery")
        yield Sight("alma", f"{self.completed}/desk/completion")
        yield Sight("alma", f"{self.completed}/desk/completion/{self.owing}/waiver")
        yield Sight("carmen", f"{self.deal('rye')}/shortfall", "Kalamaja Courtyard")

    def _of_drafts(self) -> Iterator[Sight]:
        draft = self.deal("buecher")
        yield Sight("nele", "/group-buys/new")
        yield from (Sight("nele", f"{draft}/draft{path}") for path in DRAFT)
        yield Sight("nele", draft)
        article = self.instance.read(
            lambda session: (
                buying.articles(
                    session,
                    buying.find(
                        session, draft.rsplit("/", 1)[1], actor=self._actor("nele", session)
                    ),
                )[0].id
            )
        )
        yield Sight("nele", f"{draft}/draft/articles/{article}")
        yield Sight("hanna", f"{draft}/co-organising")

    def _of_catalogues(self) -> Iterator[Sight]:
        wholesaler = "Naturkost Weser-Ems GmbH"
        catalogue = self._one(select(Catalogue.id))
        article = self._one(select(func.min(CatalogueArticle.id)))
        here = f"/catalogues/{catalogue}"
        found = (f"?q={self.word}", f"/versions/1?q={self.word}")
        for path in (*CATALOGUE, *found, f"/articles/{article}"):
            yield Sight("emil", f"{here}{path}", wholesaler)
        yield Sight("emil", "/catalogues", wholesaler)
        slug = self._one(select(Participant.slug).filter_by(name=wholesaler))
        yield Sight("emil", f"/organisations/{slug}/members", wholesaler)
        yield Sight("emil", f"/organisations/{slug}/profile", wholesaler)

    def _of_keepers(self) -> Iterator[Sight]:
        yield from (Sight("lotte", path) for path in ("/moderation", "/moderation/log"))
        yield Sight("lotte", f"/moderation/{self.case}")
        yield Sight("lotte", f"/moderation/{self.decided_case}")
        yield Sight("henrik", "/operator")
        yield Sight("henrik", "/operator/money")
        yield Sight("henrik", "/operator/legal/imprint/en")

    # What the demo world has not got yet

    def _actor(self, who: str, session: Any) -> Any:
        member = session.scalars(select(Member).filter_by(email_key=EMAILS[who])).one()
        return sessions.actor_of(session, member)

    def _links_in_mails(self) -> dict[str, str]:
        """One link of each kind that comes by mail, and a mail itself."""
        with self.instance.app.app_context(), db.transaction() as session:
            now = self.instance.clock.now()
            members.sign_up(
                session,
                name="Nina",
                email="nina@example.org",
                password="a word or four",
                locale="en",
                now=now,
            )
            members.ask_for_reset(session, EMAILS["hanna"])
            alma = self._actor("alma", session)
            pantry = session.scalars(select(Participant).filter_by(name="Speisekammer Lehe")).one()
            role = MembershipRole.AGENT
            invitations.invite(session, pantry, "nina@example.org", role, actor=alma, now=now)
        self.instance.work()
        found = {}
        for file in sorted(self.instance.mail_folder.glob("*.eml")):
            found["mail"] = f"/demo/mail/{file.stem}"
            words = self.instance.words_of(file)
            for kind in ("confirm", "reset", "invitations", "notices/unsubscribe"):
                link = re.search(rf"http://localhost:\d+(/{kind}/\S+)", words)
                if link is not None:
                    found[kind] = link[1]
        return found

    def _ordered_deal(self) -> str:
        """A deal whose goods are on their way."""
        with self.instance.app.app_context(), db.transaction() as session:
            alma = self._actor("alma", session)
            others = [(self._actor(who, session), 4) for who in ("bruno", "cem")]
            made = closed(session, alma, others, now=self.instance.clock.now())
            ordered(session, made, alma)
            rye = session.scalars(select(Collaboration).filter_by(title=TITLES["rye"])).one()
            rye.stage = Stage.SUPPLIER_ASKED  # type: ignore[attr-defined]
            return f"/group-buys/{made.slug}"

    def _completed_deal(self) -> tuple[str, int]:
        """A deal that is over, and the order of someone who never paid."""
        with self.instance.app.app_context(), db.transaction() as session:
            alma, bruno = self._actor("alma", session), self._actor("bruno", session)
            made = closed(session, alma, [(bruno, 8)], now=self.instance.clock.now())
            handing_over(session, made, alma)
            later = made.closes_at + timedelta(days=4)
            buying.complete(session, made, unclaimed="Kept for him.", actor=alma, now=later)
            return f"/group-buys/{made.slug}", commitment(session, made, bruno).id

    def _asked_supplier(self) -> str:
        """A draft whose supplier is asked to agree."""
        with self.instance.app.app_context(), db.transaction() as session:
            alma, now = self._actor("alma", session), self.instance.clock.now()
            seller = session.scalars(
                select(Participant).filter_by(name="Naturkost Weser-Ems GmbH")
            ).one()
            made = group_buy(
                session, alma, now=now, published=False, supplier_id=seller.id, payee="supplier"
            )
            buying.publish(session, made, actor=alma, now=now)
            return f"/group-buys/{made.slug}"

    def _ask_to_co_organise(self) -> None:
        """Nele asks Hanna whether she runs her draft too."""
        now, email = self.instance.clock.now(), EMAILS["hanna"]
        with self.instance.app.app_context(), db.transaction() as session:
            nele = self._actor("nele", session)
            slug = session.scalars(select(Collaboration.slug).filter_by(title=TITLES["buecher"]))
            draft = buying.find(session, slug.one(), actor=nele, lock=True)
            inviting.ask_co_organiser(session, draft, email, actor=nele, now=now)

    def _sold_by_a_trader(self) -> tuple[str, int]:
        """A deal that a trader sells, and the order of a consumer who could withdraw from it."""
        with self.instance.app.app_context(), db.transaction() as session:
            emil = session.scalars(select(Member).filter_by(email_key=EMAILS["emil"])).one()
            seller = session.scalars(
                select(Participant).filter_by(name="Naturkost Weser-Ems GmbH")
            ).one()
            actor = sessions.actor_of(session, emil, seller.id)
            orders = [(self._actor(who, session), 4) for who in ("bruno", "cem")]
            made = closed(session, actor, orders, now=self.instance.clock.now())
            contract = commitment(session, made, orders[0][0])
            return f"/group-buys/{made.slug}", contract.id

    def _publish_newer_terms(self) -> None:
        with self.instance.app.app_context(), db.transaction() as session:
            henrik, now = self._actor("henrik", session), self.instance.clock.now()
            operations.publish(
                session, LegalKind.TERMS, "en", body="Be kind to each other.", actor=henrik, now=now
            )

    def _report(self, key: str) -> int:
        with self.instance.app.app_context(), db.transaction() as session:
            nele = self._actor("nele", session)
            deal = session.scalars(select(Collaboration).filter_by(title=TITLES[key])).one()
            found = disputes.find_target(session, Target.COLLABORATION, deal.id, actor=nele)
            disputes.report(
                session,
                found,
                ground=next(iter(Ground)),
                body="The pictures show another make.",
                actor=nele,
                now=self.instance.clock.now(),
            )
            return int(session.scalars(select(func.max(Case.id))).one())

    def _decide(self, case_id: int) -> None:
        with self.instance.app.app_context(), db.transaction() as session:
            lotte = self._actor("lotte", session)
            case = disputes.find(session, case_id, actor=lotte)
            measure = next(iter(case.measures))
            disputes.decide(
                session,
                case_id,
                measure=measure,
                reason="Nothing is wrong with it.",
                actor=lotte,
                now=self.instance.clock.now(),
            )


STRANGERS = (
    "/",
    "/group-buys",
    "/group-buys?q=kaffee&sort=nearly",
    "/how-it-works",
    "/styleguide",
    "/sign-in",
    "/sign-up",
    "/sign-up/mailbox",
    "/reset",
    "/reset/mailbox",
    "/imprint",
    "/legal/imprint/de/1",
    "/proof",
    "/moderation/log",
    "/demo/mail",
    "/api/docs",
    "/api/docs/group-buys",
)
MEMBERS = (
    "/",
    "/group-buys",
    "/commitments",
    "/commitments?which=over",
    "/invoices",
    "/invoices/billing",
    "/notices",
    "/notices/preferences",
    "/settings",
    "/settings/cards",
    "/settings/email",
    "/settings/password",
    "/settings/profile",
    "/settings/sessions",
    "/settings/tokens",
    "/terms/consent",
    "/organisations/new",
    "/organising",
    "/catalogues",
    "/catalogues/new",
)
DESK = (
    "",
    "/people",
    "/message",
    "/cancellation",
    "/pause",
    "/terms",
    "/guest-orders/new",
    "/paper-form",
)
DRAFT = (
    "",
    "/articles",
    "/articles/new",
    "/catalogues",
    "/pick-up",
    "/rules",
    "/review",
)
CATALOGUE = ("/edit", "/upload", "/versions", "/changes?to=1", "/articles/new")
