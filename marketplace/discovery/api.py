"""Who is here, in which places and currencies, for programs."""

from typing import Any

from flask_login import current_user

from marketplace import auth, db
from marketplace.api import Blueprint, answer_page, page_of, scope_required
from marketplace.discovery.schemas import (
    CurrencyOut,
    MeOut,
    ParticipantOut,
    ParticipantQuery,
    PlaceOut,
    PlaceQuery,
)
from models.ledger import Currency
from models.members import Scope
from models.participants import Participant
from services import discovery, geography

participants = Blueprint(
    "participants_api",
    __name__,
    path="/participants",
    about="People and organisations, as everyone may see them.",
)
me = Blueprint("me_api", __name__, path="/me", about="The member whose token is used.")
reference = Blueprint("reference_api", __name__, about="Currencies and places.")


@participants.get("")
@participants.etag
@participants.arguments(ParticipantQuery, location="query")
@participants.response(200, page_of(ParticipantOut))
def search(query: dict[str, Any]) -> dict[str, Any]:
    """Find participants by name."""
    page = discovery.participants(
        db.session(),
        words=query.get("q", ""),
        after=query.get("after"),
        limit=query["limit"],
    )
    return answer_page(page)


@participants.get("/<id:participant_id>")
@participants.etag
@participants.response(200, ParticipantOut)
def show(participant_id: int) -> Participant:
    """Show one participant."""
    return discovery.find_participant(db.session(), participant_id)


@me.get("")
@scope_required(Scope.READ)
@me.etag
@me.response(200, MeOut)
def show_me() -> dict[str, Any]:
    """Show whose token this is and what it may do."""
    actor = auth.signed_in_actor()
    return {
        "email": actor.member.email,
        "locale": actor.member.locale,
        "participant": actor.member.participant,
        "acting_as": actor.participant,
        "scopes": current_user.token.scopes,
    }


@reference.get("/currencies")
@reference.etag
@reference.response(200, CurrencyOut(many=True))
def currencies() -> list[Currency]:
    """List the currencies that deals are reckoned in."""
    return list(discovery.currencies(db.session()))


@reference.get("/places")
@reference.etag
@reference.arguments(PlaceQuery, location="query")
@reference.response(200, PlaceOut(many=True))
def places(query: dict[str, Any]) -> list[geography.Found]:
    """Find towns by the beginning of their name, the largest first."""
    return geography.suggest(db.session(), query["q"])


ENDPOINTS = (participants, me, reference)
