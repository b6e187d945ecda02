"""Participants: people and organisations, who act, commit and are judged by the same rules."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Json, Model, Numbered
from models.errors import Conflict, Invalid, NotAllowed
from models.words import N_

if TYPE_CHECKING:
    from models.members import Member


class ParticipantKind(StrEnum):
    """A guest is someone without an e-mail address for whom another orders."""

    PERSON = "person"
    ORGANISATION = "organisation"
    GUEST = "guest"


class MembershipRole(StrEnum):
    """Owners decide who belongs; managers run deals; agents act in the name of."""

    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"


class MayNotActFor(NotAllowed):
    code = "may-not-act-for"
    message = N_("You do not belong to this organisation.")


class LastOwner(Conflict):
    code = "last-owner"
    message = N_("An organisation needs an owner. Make someone else an owner first.")


class NotAnOwner(NotAllowed):
    code = "not-an-owner"
    message = N_("Only an owner decides who belongs to this organisation.")


class MayNotEdit(NotAllowed):
    code = "may-not-edit"
    message = N_("Only owners and managers change the page of an organisation.")


class AlreadyMember(Conflict):
    code = "already-member"
    message = N_("You belong to this organisation already.")


class InvitationNotValid(Invalid):
    code = "invitation-not-valid"
    message = N_("This invitation has been used, withdrawn or is too old. Ask for a new one.")


class TraderDetailsMissing(Invalid):
    """Whoever sells as a trader says who they are (Directive 2011/83 Art. 6(1))."""

    code = "trader-details-missing"
    message = N_("A trader has to state this, so that people know whom they deal with.")


class PlaceUnknown(Invalid):
    code = "place-unknown"
    message = N_("We know no place of this name. Please try the next larger town.")


class PlaceAmbiguous(Invalid):
    """Several places have this name; `choices` holds how each is told apart."""

    code = "place-ambiguous"
    message = N_("There are several places of this name: %(choices)s. Please choose one.")


class NotAPicture(Invalid):
    code = "not-a-picture"
    message = N_("This file is no picture we can read. Please choose a JPEG, PNG or WebP file.")


class PictureTooLarge(Invalid):
    code = "picture-too-large"
    message = N_(
        "This picture is too large. Please choose one of at most %(megabytes)s megabytes "
        "and %(megapixels)s megapixels."
    )


class Participant(Numbered, Model):
    """A person or an organisation that acts here: offers, commits, reviews, is reviewed."""

    __tablename__ = "participants"
    __table_args__ = (
        Index(None, "name_key", "id"),
        Index(None, "kept_by_id", postgresql_where=text("kept_by_id IS NOT NULL")),
        Index(None, "picture_id", postgresql_where=text("picture_id IS NOT NULL")),
        Index("ix_participants_point", text("point(longitude, latitude)"), postgresql_using="gist"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_is_whole"),
        CheckConstraint("(kind = 'guest') = (kept_by_id IS NOT NULL)", name="guest_is_kept"),
    )

    kind: Mapped[ParticipantKind] = columns.choice(ParticipantKind)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_key: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="en")
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    place_name: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    is_trader: Mapped[bool] = mapped_column(default=False)
    # What a trader must show before a contract (Directive 2011/83 Art. 6): legal name,
    # address, e-mail, register and VAT number.
    trader_details: Mapped[Json] = mapped_column(default=dict)
    # What invoices to them, and receipts of theirs, are to name; shown on no page of others.
    billing_name: Mapped[str] = mapped_column(default="", server_default="")
    billing_address: Mapped[str] = mapped_column(default="", server_default="")
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"))
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    joined_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    picture: Mapped["Picture | None"] = relationship(
        foreign_keys=[picture_id], lazy="select", viewonly=True
    )

    @property
    def is_organisation(self) -> bool:
        return self.kind == ParticipantKind.ORGANISATION


class Membership(Numbered, Model):
    """A member's place in an organisation."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("organisation_id", "member_id"),
        Index(None, "member_id"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    role: Mapped[MembershipRole] = columns.choice(MembershipRole)
    since_at: Mapped[datetime]

    organisation: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)
    member: Mapped["Member"] = relationship()


class Invitation(Numbered, Model):
    """An offer to someone, by e-mail, to join an organisation."""

    __tablename__ = "invitations"
    __table_args__ = (Index(None, "organisation_id"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    email: Mapped[str]
    role: Mapped[MembershipRole] = columns.choice(MembershipRole)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    # Withdrawn, also with the end of its writer as an owner, or declined by whoever was invited.
    withdrawn_at: Mapped[datetime | None]

    organisation: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)

    def is_good(self, now: datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and now < self.expires_at


class Picture(Numbered, Model):
    """A picture that a participant uploaded: re-encoded by us, without its metadata."""

    __tablename__ = "pictures"

    key: Mapped[str] = mapped_column(unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    content_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    alt: Mapped[str] = mapped_column(default="")
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("participants.id", use_alter=True))
    uploaded_at: Mapped[datetime]


class Place(Model):
    """A town or village, from GeoNames (CC BY 4.0)."""

    __tablename__ = "places"
    __table_args__ = (
        Index("ix_places_name_key", "name_key", postgresql_ops={"name_key": "text_pattern_ops"}),
        Index("ix_places_other_keys", "other_keys", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    name_key: Mapped[str]
    # Further names people know it by ("Munich"), written as `name_key` is.
    other_keys: Mapped[list[str]] = mapped_column(postgresql.ARRAY(Text), default=list)
    country: Mapped[str]
    region: Mapped[str]
    latitude: Mapped[float] = mapped_column(Float)
    longitude: Mapped[float] = mapped_column(Float)
    population: Mapped[int]
