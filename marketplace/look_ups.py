"""Look-ups: how often a member may ask who somebody is, so that nobody tries all addresses."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from marketplace import auth, db
from services import throttles
from services.throttles import Limit, Try

LOOKING_UP = Limit("organising-lookup", 30, timedelta(hours=1))
V = TypeVar("V", bound=Callable[..., Any])


def count_look_up() -> None:
    """Count the look-up in a transaction of its own, whatever it finds."""
    with db.transaction() as session:
        subject = str(auth.signed_in_actor().member.id)
        throttles.take(session, Try(LOOKING_UP, subject), now=db.now(session))


def look_up_counted(view: V) -> V:
    """Count each look-up, in a transaction of its own: one that finds nobody counts too."""

    @wraps(view)
    def counted(*args: Any, **kwargs: Any) -> Any:
        count_look_up()
        return view(*args, **kwargs)

    return cast(V, counted)
