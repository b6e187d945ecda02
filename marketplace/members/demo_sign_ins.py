"""The demo's sign-ins: shown, and good for anything, in the demo mode alone."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask import current_app
from sqlalchemy.orm import Session

from models.members import Member
from models.words import N_
from services import members


class Role(NamedTuple):
    """What somebody of the demo world is there, and what to try with them."""

    name: str
    to_try: str


# By what stands before the @ of their address.
ROLES: Mapping[str, Role] = {
    "nele": Role(
        N_("Consumer"), N_("Join a group buy and see what it costs at most before you are bound.")
    ),
    "emil": Role(
        N_("Freelancer"),
        N_("Order for yourself, then act for the wholesaler in the menu at the top."),
    ),
    "jonas": Role(
        N_("Company"),
        N_("Act for the company in the menu at the top and look at what it sells."),
    ),
    "lotte": Role(N_("Moderator"), N_("Look at what was reported and decide on it.")),
    "henrik": Role(N_("Operator"), N_("See how this instance is doing and write its legal texts.")),
    "frauke": Role(
        N_("Member of the food co-op"),
        N_("Act for the Speisekammer in the menu at the top and organise an order for everybody."),
    ),
    "karin": Role(
        N_("Beekeeper who sells"),
        N_(
            "Act for the Deichimkerei in the menu at the top, and see in the settings what you are "
            "paid."
        ),
    ),
}


def are_offered() -> bool:
    """Whether this instance is a demo; a production instance never is one."""
    settings = current_app.config["SETTINGS"]
    return bool(settings.is_demo and not settings.is_production)


def demo_sign_ins(session: Session) -> Sequence[tuple[Member, Role | None]]:
    """Whom a visitor may sign in as with one click: nobody outside the demo mode."""
    found = members.demo_members(session) if are_offered() else ()
    return [(one, ROLES.get(one.email_key.partition("@")[0])) for one in found]
