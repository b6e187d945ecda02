"""What those who organise do by program, spread over the modules of this package."""

from sqlalchemy.orm import Session

from marketplace import auth
from marketplace.api import Blueprint
from models.buying import GroupBuy
from services import buying

bp = Blueprint(
    "organising_api",
    __name__,
    path="/group-buys",
    about="Running a group buy: its draft, its people, its goods and its money.",
)
ONE = "/<id:group_buy_id>"


def organised(session: Session, group_buy_id: int, *, lock: bool = False) -> GroupBuy:
    """The group buy for those who run it; refuses with NotTheOrganiser and NotFound."""
    return buying.organised(session, group_buy_id, actor=auth.signed_in_actor(), lock=lock)
