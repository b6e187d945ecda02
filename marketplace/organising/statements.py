"""What was shown of a bank's statement travels signed; only that can be booked afterwards."""

from collections.abc import Collection
from datetime import date

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from marketplace import auth, db
from models.actors import Actor
from models.buying import GroupBuy
from services import transfers
from services.transfers import Preview, Taken

# A preview that lies about for longer may say what is not true any more.
PREVIEW_SECONDS = 24 * 60 * 60


def count_upload() -> None:
    """Count a statement in a transaction of its own, whatever it holds."""
    with db.transaction() as session:
        actor = auth.signed_in_actor()
        transfers.count_statement(session, actor=actor, now=db.now(session))


def signed(group_buy: GroupBuy, found: Preview, actor: Actor) -> str:
    """The lines of a preview that can be booked, for this member and this organiser alone."""
    rows = [
        [
            one.commitment_id,
            [(line.digest, minor, str(line.booked_on)) for line, minor in one.lines],
        ]
        for one in found.matches
        if one.fit in transfers.BOOKABLE
    ]
    return _signer().dumps([group_buy.organiser_id, actor.member.id, rows])


def taken(group_buy: GroupBuy, seen: str, wanted: Collection[int], actor: Actor) -> list[Taken]:
    """The commitments `wanted` of what was shown to this member; none, if it was changed."""
    try:
        organiser_id, member_id, rows = _signer().loads(seen, max_age=PREVIEW_SECONDS)
    except (BadSignature, UnicodeEncodeError):
        return []
    if (organiser_id, member_id) != (group_buy.organiser_id, actor.member.id):
        return []
    return [
        Taken(
            commitment_id,
            [(digest, minor, date.fromisoformat(day)) for digest, minor, day in lines],
        )
        for commitment_id, lines in rows
        if commitment_id in set(wanted)
    ]


def _signer() -> URLSafeTimedSerializer:
    assert current_app.secret_key is not None
    return URLSafeTimedSerializer(current_app.secret_key, salt="bank-statement")
