"""The parts of a page that are the same for all who read it, kept as long as they hold."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from marketplace import context
from marketplace.buying.wording import NOW, RATIONING, SHARING, SHORTFALL, WITHDRAWAL
from marketplace.recent import Recent
from models.buying import Article, GroupBuy, Payee
from models.participants import Participant
from services import buying


@dataclass(frozen=True)
class Shown:
    """An article with its ladder; of steps that begin together only the cheapest is drawn."""

    article: Article
    ladder: buying.Ladder
    rungs: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Weight:
    """What one piece of goods by weight weighs, and up to what it is charged."""

    nominal_grams: int
    heaviest_grams: int
    overweight_basis_points: int


@dataclass(frozen=True)
class Orderable:
    """What the form of an order says of an article."""

    id: int
    name: str
    unit: str
    case_size: int
    deposit_minor: int
    ladder: buying.Ladder
    at_most_minor: int
    weight: Weight | None


@dataclass(frozen=True)
class Body:
    """What it is and who stands behind it; what happens then; by which terms."""

    about: Markup
    outcome: Markup
    terms: Markup
    standing: Markup
    orderables: tuple[Orderable, ...]


# A minute, because what is kept says how far away the close is.
_bodies: Recent[Body] = Recent(most=2_000, seconds=60)


@dataclass(frozen=True)
class You:
    """What of the standing is the reader's own: their units of a single article."""

    units: int = 0
    worst_case_minor: int | None = None


def body(session: Session, group_buy: GroupBuy, you: You) -> Body:
    """The body for this reader; one statement reads the articles if it is not at hand."""
    key = (
        group_buy.id,
        group_buy.version,
        group_buy.stage,
        you,
        context.choose_locale(),
        context.theme(),
    )
    kept = _bodies.get(key)
    if kept is not None:
        return kept
    articles = buying.shown_articles(session, group_buy)
    facts = {
        "group_buy": group_buy,
        "articles": [shown(one) for one in articles],
        "you": you,
        "seller": seller_of(group_buy),
        "why_cancelled": buying.why_cancelled(session, group_buy),
        "words": {
            "rationing": RATIONING,
            "withdrawal": WITHDRAWAL,
            "shortfall": SHORTFALL,
            "sharing": SHARING,
            "now": NOW,
        },
    }
    return _bodies.keep(
        key,
        Body(
            about=_rendered("buying/about.html", facts),
            outcome=_rendered("buying/outcome.html", facts),
            terms=_rendered("buying/terms.html", facts),
            standing=_rendered("buying/standing.html", facts),
            orderables=tuple(orderable(one) for one in articles),
        ),
    )


def _rendered(name: str, facts: dict[str, Any]) -> Markup:
    """A part of a page that knows nothing of who reads it, and so asks nothing about them."""
    return Markup(current_app.jinja_env.get_template(name).render(facts))  # noqa: S704


def shown(article: Article) -> Shown:
    ladder = buying.ladder(article)
    cheapest = {step.from_units: step.price_minor for step in ladder.steps}
    return Shown(article, ladder, tuple(sorted(cheapest.items())))


def orderable(article: Article) -> Orderable:
    ladder = buying.ladder(article)
    return Orderable(
        article.id,
        article.name,
        article.unit,
        article.case_size,
        article.deposit_minor,
        ladder,
        article.goods_at_most(1, ladder.worst.price_minor),
        _weight(article),
    )


def _weight(article: Article) -> Weight | None:
    if article.overweight_basis_points is None:
        return None
    return Weight(article.nominal_grams, article.heaviest_grams(1), article.overweight_basis_points)


def tag_of(group_buy: GroupBuy, you: You) -> str:
    """What the standing of this version looks like to this reader, as an ETag."""
    look = (context.choose_locale(), context.theme(), you.units, you.worst_case_minor or 0)
    return "-".join(str(part) for part in (group_buy.id, group_buy.version, *look))


def seller_of(group_buy: GroupBuy) -> Participant | None:
    """Who sells and is paid by the terms; None for a supplier who is not here."""
    if group_buy.payee == Payee.ORGANISER:
        return group_buy.organiser
    return group_buy.supplier
