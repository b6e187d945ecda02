"""What happens to series, in the past tense; the group buy is the newest round at that time."""

from dataclasses import dataclass, field

from models.base import Json
from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class SeriesBegun(Happened):
    """A group buy became the first round of a series."""

    series_id: int


@dataclass(frozen=True, kw_only=True)
class SeriesChanged(Happened):
    """Its rhythm, its end or the way it opens is another."""

    series_id: int


@dataclass(frozen=True, kw_only=True)
class SeriesPaused(Happened):
    """No round opens until it goes on."""

    series_id: int


@dataclass(frozen=True, kw_only=True)
class SeriesResumed(Happened):
    """It goes on after a pause, an end, or what held it up."""

    series_id: int


@dataclass(frozen=True, kw_only=True)
class RoundSkipped(Happened):
    """The round that would have come next is left out."""

    series_id: int


@dataclass(frozen=True, kw_only=True)
class SeriesEnded(Happened):
    """No round follows: it was stopped, or its last round was made."""

    series_id: int


@dataclass(frozen=True, kw_only=True)
class RoundMade(Happened):
    """The next round was made, with what the supplier's list changed in it."""

    series_id: int
    number: int
    opens_at: str
    changes: list[Json] = field(default_factory=list)
    changes_count: int = 0


class RoundDrafted(RoundMade):
    """It was made as a draft, for those who organise to open."""


class RoundInReview(RoundMade):
    """It was made and waits for its seller to agree."""


class RoundOpened(RoundMade):
    """It was made and opened by itself."""


@dataclass(frozen=True, kw_only=True)
class SeriesHeldUp(Happened):
    """The next round could not be made; the series waits for those who run it."""

    series_id: int
