"""Operations: what those who host the instance publish about it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.base import Model, Numbered
from models.errors import NotAllowed
from models.words import N_


class LegalKind(StrEnum):
    """The texts that an instance must show (§ 5 DDG, GDPR Art. 13, terms of use)."""

    IMPRINT = "imprint"
    PRIVACY = "privacy"
    TERMS = "terms"
    ACCESSIBILITY = "accessibility"


class NotAnOperator(NotAllowed):
    code = "not-an-operator"
    message = N_("Only operators can do that.")


class LegalText(Numbered, Model):
    """One version of one text in one language; older versions stay readable."""

    __tablename__ = "legal_texts"
    __table_args__ = (UniqueConstraint("kind", "locale", "number"),)

    kind: Mapped[LegalKind] = columns.choice(LegalKind)
    locale: Mapped[str]
    number: Mapped[int]
    body: Mapped[str]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL")
    )
