"""Terms: what an open group buy promises is said anew."""

from typing import Any

from marketplace import auth, db
from marketplace.api import scope_required
from marketplace.buying.answers import GroupBuyDetailOut
from marketplace.buying.given import article_from, guard_currency, minor_of
from marketplace.buying.whole import whole
from marketplace.organising.api.blueprint import ONE, bp, organised
from marketplace.organising.api.schemas import AmendedArticleIn, TermsChange
from models.members import Scope
from services import buying
from services.buying import amending
from services.buying.amending import Amendment


@bp.patch(f"{ONE}/terms")
@scope_required(Scope.ORGANISING)
@bp.arguments(TermsChange)
@bp.response(200, GroupBuyDetailOut)
def amend(given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Change the rules of an open group buy; whoever is worse off is asked to agree."""
    seen_number = given.pop("terms_number", None)
    return _amended(group_buy_id, given, Amendment(minor_of(given)), seen_number)


@bp.put(f"{ONE}/terms/articles/<id:article_id>")
@scope_required(Scope.ORGANISING)
@bp.arguments(AmendedArticleIn)
@bp.response(200, GroupBuyDetailOut)
def amend_article(given: dict[str, Any], group_buy_id: int, article_id: int) -> dict[str, Any]:
    """Say an article of an open group buy anew; whoever is worse off is asked to agree."""
    seen_number = given.pop("terms_number", None)
    amendment = Amendment(articles={article_id: article_from(given)})
    return _amended(group_buy_id, given, amendment, seen_number)


def _amended(
    group_buy_id: int, given: dict[str, Any], amendment: Amendment, seen_number: int | None
) -> dict[str, Any]:
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        if seen_number is not None:
            buying.guard_terms(group_buy, seen_number)
        guard_currency(given, group_buy.currency)
        for article_id in amendment.articles:
            buying.shown_article(session, group_buy, article_id)
        amending.amend(
            session, group_buy, amendment, actor=auth.signed_in_actor(), now=db.now(session)
        )
        return whole(session, group_buy_id)
