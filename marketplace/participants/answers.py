"""What programs are told of profiles, organisations and who belongs to them."""

from typing import Any

from marshmallow import fields

from marketplace.discovery.schemas import ParticipantOut
from marketplace.fields import Choice, Id, Moment
from marketplace.participants.given import stated
from marketplace.schemas import Schema
from models.participants import Membership, MembershipRole, Participant
from services.participants.profiles import TRADER_DETAILS


class ProfileOut(Schema):
    """A profile in the words in which it is sent; those of a trader are empty for others."""

    name = fields.String(required=True)
    about = fields.String(required=True, metadata={"description": "Markdown."})
    lang = fields.String(required=True)
    languages = fields.List(fields.String(), required=True)
    skills = fields.String(required=True, metadata={"description": "Separated by commas."})
    place = fields.String(required=True)
    is_trader = fields.Boolean(required=True)
    legal_name = fields.String(required=True)
    address = fields.String(required=True)
    email = fields.String(required=True, metadata={"description": "For customers; public."})
    phone = fields.String(required=True)
    register = fields.String(required=True)
    vat_number = fields.String(required=True)


class BelongingOut(Schema):
    """An organisation that the member belongs to."""

    organisation = fields.Nested(ParticipantOut, required=True)
    role = Choice(MembershipRole, required=True)


class MembershipOut(Schema):
    """Somebody who belongs to an organisation."""

    id = Id(required=True)
    participant = Id(required=True)
    name = fields.String(required=True)
    role = Choice(MembershipRole, required=True)
    since_at = Moment(required=True)


class InvitationOut(Schema):
    """An invitation that can still be accepted; its link is in the mail alone."""

    id = Id(required=True)
    email = fields.String(required=True)
    role = Choice(MembershipRole, required=True)
    made_at = Moment(required=True)
    expires_at = Moment(required=True)


def shown_profile(participant: Participant) -> dict[str, Any]:
    return {**dict.fromkeys(TRADER_DETAILS, ""), **stated(participant)}


def shown_membership(membership: Membership) -> dict[str, Any]:
    return {
        "id": membership.id,
        "participant": membership.member.participant_id,
        "name": membership.member.display_name,
        "role": membership.role,
        "since_at": membership.since_at,
    }
