"""One's own commitments, for programs."""

from typing import Any

from marketplace import auth, db
from marketplace.api import Blueprint, answer_page, page_of, scope_required
from marketplace.buying.promises import PromiseOut, shown_promise
from marketplace.buying.schemas import CommitmentQuery
from models.members import Scope
from services import commitments

mine = Blueprint(
    "commitments_api",
    __name__,
    path="/commitments",
    about="What the one whose token is used has promised, over all kinds of deals.",
)


@mine.get("")
@scope_required(Scope.READ)
@mine.etag
@mine.arguments(CommitmentQuery, location="query")
@mine.response(200, page_of(PromiseOut))
def own(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own commitments and those of one's organisations, the newest first."""
    page = commitments.of_actor(
        db.session(),
        auth.signed_in_actor(),
        which=query["which"],
        after=query.get("after"),
        limit=query["limit"],
    )
    return answer_page(
        page.map(
            lambda one: shown_promise(
                one.commitment,
                one.collaboration,
                payment=one.payment,
                pay_by_at=one.pay_by_at,
                pickup_point=one.pickup_point,
            )
        )
    )
