"""A group buy as programs are told of it after an act: read anew, with all that is promised."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth
from marketplace.buying.answers import shown_detail
from services import buying


def whole(session: Session, group_buy_id: int) -> dict[str, Any]:
    """As it stands now, whatever this session has read of it before."""
    session.flush()
    session.expire_all()
    return shown_detail(buying.page_of(session, group_buy_id, actor=auth.signed_in_actor()))
