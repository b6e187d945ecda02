"""Agreeing: which version of the terms of use a member accepted, and whether a newer one holds."""

from datetime import datetime

from models.members import Member
from models.operations import LegalText


def is_asked(member: Member, terms: LegalText | None) -> bool:
    """Whether `terms`, which hold now, came after those the member accepted; None asks nobody."""
    return terms is not None and (
        member.terms_accepted_at is None or member.terms_accepted_at < terms.published_at
    )


def agree(member: Member, terms: LegalText | None, *, now: datetime) -> None:
    """Keep that the member accepts `terms` now; None where an instance has published none."""
    if terms is not None:
        member.terms_locale, member.terms_number = terms.locale, terms.number
        member.terms_accepted_at = now
