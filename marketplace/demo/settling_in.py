"""Settling in: the people of the demo world sign up, found their organisations, and are found."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from marketplace import db
from marketplace.demo.people import ORGANISATIONS, PEOPLE, TOWNS, Organisation, Person, Town
from marketplace.operations import starters
from models.actors import Actor
from models.catalogues import CatalogueVersion
from models.members import Member
from models.operations import LegalKind
from models.participants import MembershipRole, Participant
from models.rules import PayoutTerms
from services import catalogues, members, operations, participants, payouts, reference, sessions
from services.catalogues import VatRates
from services.participants import organisations

# One in a hundred for the place, and one in twenty a month later than the rest.
FEES = PayoutTerms(fee_basis_points=100, reserve_basis_points=500, reserve_days=30)


class Cast:
    """Who is who in the story, by key; actors are read anew for each act."""

    def __init__(self, member_ids: dict[str, int], participant_ids: dict[str, int]) -> None:
        self._member_ids = member_ids
        self._participant_ids = participant_ids
        self._owners = {one.key: one.people[0] for one in ORGANISATIONS}

    def acting(self, key: str) -> Actor:
        """The person, or the owner of the organisation acting for it."""
        session = db.session()
        member = session.get_one(Member, self._member_ids[self._owners.get(key, key)])
        return sessions.actor_of(session, member, self._participant_ids[key])

    def actor_of(self, participant_id: int) -> Actor:
        """Whoever acts as the participant."""
        [key] = [key for key, one in self._participant_ids.items() if one == participant_id]
        return self.acting(key)

    def participant_id(self, key: str) -> int:
        return self._participant_ids[key]

    def town(self, key: str) -> Town:
        return TOWNS[key]

    def upload_list(self, content: bytes, *, now: datetime) -> None:
        """The wholesaler uploads a price list; a job reads it."""
        actor = self.acting("naturkost")
        with db.transaction() as session:
            cover = catalogues.Cover(name="Naturkost Weser-Ems, Winter", country="DE")
            made = catalogues.make(session, cover, actor=actor, now=now)
            sent = catalogues.Upload(content, VatRates(700, 1900), "naturkost.bnn")
            catalogues.upload(session, made, sent, actor=actor, now=now)
            self._catalogue_id = made.id

    def keep_list(self, session: Session, *, now: datetime) -> CatalogueVersion:
        """The wholesaler has looked at what was read, and keeps it."""
        actor = self.acting("naturkost")
        catalogue = catalogues.find(session, self._catalogue_id, actor=actor, lock=True)
        version = catalogues.waiting(session, catalogue)
        if version is None:
            raise RuntimeError("The price list of the demo was not read.")
        catalogues.keep(session, catalogue, version, actor=actor, now=now)
        return version


def settle_in(*, now: datetime, last: datetime) -> Cast:
    """Sign everyone up between `now` and `last`; publish what an instance must show."""
    with db.transaction() as session:
        reference.load_currencies(session)
        starters.publish_missing(session, now=now)
        payouts.set_terms(session, FEES, actor=None, now=now)
    span = (last - timedelta(days=45) - now) / len(PEOPLE)
    member_ids, participant_ids = {}, {}
    for number, person in enumerate(PEOPLE):
        with db.transaction() as session:
            member = _sign_up(session, person, now=now + span * number)
            member_ids[person.key] = member.id
            participant_ids[person.key] = member.participant_id
    for organisation in ORGANISATIONS:
        with db.transaction() as session:
            participant_ids[organisation.key] = _found(session, organisation, member_ids, now=now)
    return Cast(member_ids, participant_ids)


def _sign_up(session: Session, person: Person, *, now: datetime) -> Member:
    town = TOWNS[person.town]
    members.sign_up(
        session,
        name=person.name,
        email=person.email,
        password=secrets.token_urlsafe(18),
        locale=town.lang,
        terms=operations.published(session, LegalKind.TERMS, town.lang),
        now=now,
    )
    member = members.by_email(session, person.email)
    if member is None:
        raise RuntimeError("Who signed up is not a member.")
    # Nobody knows this password. With none kept, trying one takes as long as for a stranger,
    # and so no clock tells that there is such a member.
    member.password_hash = ""
    member.confirm(now)
    member.roles = [person.role] if person.role else []
    _describe(member.participant, town, about=person.about)
    member.participant.languages = list(person.languages)
    member.participant.skills = list(person.skills)
    return member


def _found(
    session: Session, organisation: Organisation, member_ids: dict[str, int], *, now: datetime
) -> int:
    owner, *others = organisation.people
    actor = sessions.actor_of(session, session.get_one(Member, member_ids[owner]))
    made = participants.open_organisation(session, organisation.name, actor=actor, now=now)
    for key in others:
        member = session.get_one(Member, member_ids[key])
        organisations.begin(session, made, member, MembershipRole.MANAGER, by=actor, now=now)
    town = TOWNS[organisation.town]
    _describe(made, town, about=organisation.about)
    made.languages = [town.lang]
    if organisation.is_trader:
        made.is_trader = True
        made.trader_details = {
            "legal_name": organisation.name,
            "address": f"{organisation.street}, {town.name}",
            "email": actor.member.email,
            "vat_number": organisation.vat_number,
        }
    session.flush()
    return made.id


def _describe(participant: Participant, town: Town, *, about: str) -> None:
    participant.about = about
    participant.lang = town.lang
    participant.place_name = town.name
    participant.latitude, participant.longitude = town.latitude, town.longitude
