"""Discovery: words that the search knows, so that a typing error does not hide them."""

from sqlalchemy import Index, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model


class WareWord(Model):
    """A word of the name of an article, with the spellings that a misspelled one shares."""

    __tablename__ = "ware_words"
    __table_args__ = (Index("ix_ware_words_spellings", "spellings", postgresql_using="gin"),)

    word: Mapped[str] = mapped_column(primary_key=True)
    spellings: Mapped[list[str]] = mapped_column(postgresql.ARRAY(Text))
