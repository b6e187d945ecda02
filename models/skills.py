"""Skills: what people can do for each other, under the names it has in each language."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.errors import Invalid
from models.words import N_


class SkillSource(StrEnum):
    """Whose word it is: what we bring along, the European classification, or a member's."""

    ALLMENDE = "allmende"
    ESCO = "esco"
    MEMBER = "member"


class SkillUnknown(Invalid):
    code = "skill-unknown"
    message = N_("There is no such skill. Choose one of the list, or add yours.")


class Skill(Numbered, Model):
    """One thing that somebody can do, or can lend or give; never deleted, as listings refer to it.

    `key` is its name for programs: a word of ours, or the address that ESCO gives it.
    """

    __tablename__ = "skills"
    __table_args__ = (Index(None, "broader_id", postgresql_where=text("broader_id IS NOT NULL")),)

    key: Mapped[str] = mapped_column(unique=True)
    broader_id: Mapped[int | None] = mapped_column(ForeignKey("skills.id"))
    source: Mapped[SkillSource] = columns.choice(SkillSource)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]

    labels: Mapped[list["SkillLabel"]] = relationship(order_by="SkillLabel.position", lazy="select")

    def label(self, lang: str) -> str:
        """Its first name in this language, else in any."""
        named = [one for one in self.labels if one.lang == lang] or self.labels
        return named[0].label if named else self.key


class SkillLabel(Numbered, Model):
    """A name of a skill in one language; the first of a language is the usual one."""

    __tablename__ = "skill_labels"
    __table_args__ = (
        UniqueConstraint("skill_id", "lang", "label"),
        Index("ix_skill_labels_search", "search", postgresql_using="gin"),
        Index("ix_skill_labels_key", "label_key", postgresql_ops={"label_key": "text_pattern_ops"}),
    )

    skill_id: Mapped[int] = mapped_column(ForeignKey("skills.id"))
    lang: Mapped[str]
    label: Mapped[str]
    # As it is looked up: lower case, without marks.
    label_key: Mapped[str]
    position: Mapped[int]
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("allmende_search(lang, label || ' ' || label_key, '', '')", persisted=True),
        deferred=True,
    )
