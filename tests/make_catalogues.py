"""Catalogues to test with: own CSV, written as suppliers write it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.actors import Actor
from models.catalogues import Catalogue, CatalogueVersion
from models.participants import Membership, MembershipRole
from services import catalogues
from services.catalogues import Cover, TypedArticle, Upload, VatRates

HEADER = (
    "order_number;name;unit;case_size;price;vat_percent;deposit;category;tier_1_from;tier_1_price"
)
OIL = "101;Olive oil;750 ml;6;9.80;7;;Oil;12;9.20"
JUICE = "102;Apple juice;1 l;12;2.40;19;0.15;Drinks;;"
RICE = "103;Rice;1 kg;1;3.10;7;;Grain;;"


def csv(*rows: str, header: str = HEADER) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def many(count: int, *, price: str = "2.50") -> bytes:
    """A list of so many articles in twenty categories."""
    return csv(
        *(f"{n};Article {n};500 g;6;{price};7;;Shelf {n % 20:02};;" for n in range(1, count + 1))
    )


def catalogue(session: Session, owner: Actor, *, now: datetime, **overrides: Any) -> Catalogue:
    cover = Cover(**{"name": "Biohof Elbe", **overrides})
    return catalogues.make(session, cover, actor=owner, now=now)


def uploaded(
    session: Session,
    into: Catalogue,
    content: bytes,
    *,
    actor: Actor,
    now: datetime,
    file_name: str = "list.csv",
) -> CatalogueVersion:
    """A file that has been read: a preview, or faulty."""
    version = catalogues.upload(
        session, into, Upload(content, VatRates(700, 1900), file_name), actor=actor, now=now
    )
    read(session, version, now=now)
    return version


def read(session: Session, version: CatalogueVersion, *, now: datetime) -> None:
    unread = catalogues.unread(session, version.id)
    assert unread is not None
    catalogues.keep_reading(session, version.id, catalogues.parse(unread), now=now)


def kept(
    session: Session, into: Catalogue, content: bytes, *, actor: Actor, now: datetime
) -> CatalogueVersion:
    """A list that is the current one."""
    version = uploaded(session, into, content, actor=actor, now=now)
    catalogues.keep(session, into, version, actor=actor, now=now)
    return version


def bread(**overrides: Any) -> TypedArticle:
    return TypedArticle(
        **{
            "name": "Rye bread",
            "unit": "1 kg",
            "price_minor": 420,
            "vat_basis_points": 700,
            **overrides,
        }
    )


def in_organisation(
    session: Session, organisation: Actor, actor: Actor, role: str, *, now: datetime
) -> Actor:
    """`actor`, who acts for the organisation in this role."""
    own = organisation.participant
    session.add(
        Membership(
            organisation_id=own.id,
            member_id=actor.member.id,
            role=MembershipRole(role),
            since_at=now,
        )
    )
    session.flush()
    return Actor(
        member=actor.member,
        participant=own,
        memberships={own.id: MembershipRole(role)},
        organisations=(own,),
    )
