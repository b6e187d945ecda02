"""Public pages: who someone is, their picture; and places by name."""

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, filters
from marketplace.participants.blueprint import bp
from marketplace.participants.languages import language_name
from models.participants import Participant
from models.words import N_
from services import geography, participants, pictures

STATED = {
    "legal_name": N_("Legal name"),
    "address": N_("Address"),
    "email": N_("E-mail address for customers"),
    "phone": N_("Telephone"),
    "register": N_("Register and number"),
    "vat_number": N_("VAT number"),
}


@bp.get("/people/<slug>")
def show(slug: str) -> str:
    session = db.session()
    participant = participants.find(session, slug)
    reader = auth.actor()
    return render_template(
        "participants/show.html",
        participant=participant,
        deeds=participants.deeds_of(session, participant),
        about=_about(participant),
        trader_details=_stated(participant),
        may_edit=reader is not None and reader.may_manage(participant.id),
        belongs=reader is not None and participant.id in reader.memberships,
    )


def _about(participant: Participant) -> list[tuple[str, str]]:
    said = (
        (gettext("Place"), participant.place_name),
        (gettext("Speaks"), ", ".join(language_name(code) for code in participant.languages)),
        (gettext("Can do"), ", ".join(participant.skills)),
        (gettext("Here since"), filters.date_(participant.joined_at)),
    )
    return [(term, value) for term, value in said if value]


def _stated(participant: Participant) -> list[tuple[str, str]]:
    details = participant.trader_details
    return [
        (gettext(words), ", ".join(details[name].splitlines()))
        for name, words in STATED.items()
        if name in details
    ]


@bp.get("/pictures/<key>.webp")
def picture(key: str) -> ResponseReturnValue:
    """A picture never changes: another one has another key."""
    found = pictures.find(db.session(), key)
    response = Response(found.content, mimetype=found.content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


@bp.get("/people/<slug>/portrait/<int:picture_id>.webp")
def portrait(slug: str, picture_id: int) -> ResponseReturnValue:
    """The face a participant chose, by their own address: lists need not read its key."""
    found = pictures.portrait(db.session(), slug, picture_id)
    return redirect(url_for(".picture", key=found.key), 301)


@bp.get("/places")
def places() -> ResponseReturnValue:
    """Suggestions while someone types; the form works without them."""
    found = geography.suggest(db.session(), request.args.get("q", "")[:120])
    response = jsonify(
        [
            {
                "id": str(place.id),
                "label": place.label,
                "latitude": place.point.latitude,
                "longitude": place.point.longitude,
            }
            for place in found
        ]
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
