"""Looking up somebody whom another member names: by e-mail address, by page, or by name."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Invalid
from models.members import Member
from models.participants import Participant, ParticipantKind
from models.words import N_
from services.members import lookup
from services.participants.naming import sort_key


class NobodyFound(Invalid):
    code = "nobody-found"
    message = N_("We found nobody here by this. Please ask them for their address or page.")


class SeveralFound(Invalid):
    code = "several-found"
    message = N_("Several are called so. Please enter the e-mail address or the page instead.")


def find_participant(session: Session, text: str, *, field: str = "who") -> Participant:
    """The person or organisation by e-mail address, by the name of their page, or by name.

    Refuses with NobodyFound and SeveralFound at `field`. The door counts how often it is asked.
    """
    text = text.strip()
    if "@" in text:
        member = confirmed_member(session, text)
        found = [member.participant] if member is not None else []
    else:
        present = select(Participant).where(
            Participant.kind != ParticipantKind.GUEST, Participant.erased_at.is_(None)
        )
        slug = text.rstrip("/").rpartition("/")[2]
        found = list(session.scalars(present.where(Participant.slug == slug)))
        if not found:
            named = present.where(Participant.name_key == sort_key(text)).limit(2)
            found = list(session.scalars(named))
    if not found:
        raise NobodyFound(fields={field: NobodyFound.message})
    if len(found) > 1:
        raise SeveralFound(fields={field: SeveralFound.message})
    return found[0]


def confirmed_member(session: Session, email: str) -> Member | None:
    """The member who has shown that this address is theirs; anybody can sign up with it."""
    member = lookup.by_email(session, email)
    return member if member is not None and member.is_confirmed else None
