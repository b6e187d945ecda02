"""What is said of a participant, as the schema has it and as the services take it."""

from collections.abc import Mapping
from typing import Any

from models.participants import Participant
from services.participants import Profile
from services.participants.profiles import TRADER_DETAILS


def profile_from(sent: Mapping[str, Any]) -> Profile:
    plain = {name: value for name, value in sent.items() if name not in TRADER_DETAILS}
    details = {name: sent[name] for name in TRADER_DETAILS}
    return Profile(**plain, trader_details=details)


def stated(participant: Participant) -> dict[str, Any]:
    """What a participant says of themself now, by the names of the form."""
    return {
        "name": participant.name,
        "about": participant.about,
        "lang": participant.lang,
        "languages": participant.languages,
        "skills": ", ".join(participant.skills),
        "place": participant.place_name,
        "is_trader": participant.is_trader,
        **participant.trader_details,
    }
