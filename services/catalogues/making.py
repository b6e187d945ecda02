"""Beginning a catalogue and saying what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.catalogues import Catalogue, MayNotEditCatalogue
from models.errors import Invalid
from models.ledger import Currency
from models.words import N_
from services import events
from services.catalogues import finding, happened
from services.catalogues.vat import DEFAULT_COUNTRY, VAT_RATES

# Lists give hundredths; a currency that has none or more would be read wrong.
EXPONENT = 2


@dataclass(frozen=True)
class Cover:
    """What a catalogue says of itself; `country` chooses the VAT rates it proposes."""

    name: str
    country: str = DEFAULT_COUNTRY
    currency: str = "EUR"


def make(session: Session, cover: Cover, *, actor: Actor, now: datetime) -> Catalogue:
    """Begin a catalogue for whom `actor` acts as.

    Refuses with MayNotEditCatalogue agents of an organisation, with Invalid an unknown country,
    and a currency that is not reckoned in hundredths.
    """
    if not actor.may_manage(actor.participant.id):
        raise MayNotEditCatalogue
    _guard_country(cover)
    exponent = session.scalar(select(Currency.exponent).filter_by(code=cover.currency))
    if exponent != EXPONENT:
        raise Invalid(fields={"currency": N_("Please choose a currency that has cents.")})
    catalogue = Catalogue(owner_id=actor.participant.id, made_at=now, **vars(cover))
    session.add(catalogue)
    session.flush()
    events.record(
        session,
        happened.CatalogueMade(
            by=actor.member.id, participant_id=catalogue.owner_id, catalogue_id=catalogue.id
        ),
        now=now,
    )
    return catalogue


def describe(session: Session, catalogue: Catalogue, cover: Cover, *, actor: Actor) -> None:
    """Rename a catalogue or change its country; its currency stays, for its prices are in it."""
    finding.require_editor(catalogue, actor)
    _guard_country(cover)
    catalogue.name, catalogue.country = cover.name, cover.country
    session.flush()


def currencies(session: Session) -> Sequence[str]:
    """The codes of the currencies that a catalogue can be in."""
    return session.scalars(
        select(Currency.code).filter_by(exponent=EXPONENT).order_by(Currency.code)
    ).all()


def _guard_country(cover: Cover) -> None:
    if cover.country not in VAT_RATES:
        raise Invalid(fields={"country": N_("Please choose one of the countries in the list.")})
