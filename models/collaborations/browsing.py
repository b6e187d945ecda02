"""What those who browse find collaborations by: a partial index for each of their ways to look."""

from sqlalchemy import Index, text

OPEN_AND_PUBLIC = "state = 'open' AND visibility = 'public'"
DECIDED_AND_PUBLIC = "state IN ('deciding', 'collecting', 'running') AND visibility = 'public'"
OVER_AND_PUBLIC = "state IN ('completed', 'failed') AND visibility = 'public'"


def _near(name: str, rows: str) -> Index:
    point = text("point(longitude, latitude)")
    return Index(name, point, postgresql_using="gist", postgresql_where=text(rows))


def _by(column: str, name: str, rows: str) -> Index:
    return Index(name, column, "id", postgresql_where=text(rows))


BROWSING = (
    _near("ix_collaborations_point", OPEN_AND_PUBLIC),
    _by("closes_at", "ix_collaborations_closing", OPEN_AND_PUBLIC),
    _by("opens_at", "ix_collaborations_newest", OPEN_AND_PUBLIC),
    _by("progress_basis_points", "ix_collaborations_nearly", OPEN_AND_PUBLIC),
    _by("category", "ix_collaborations_category", OPEN_AND_PUBLIC),
    _near("ix_collaborations_decided_point", DECIDED_AND_PUBLIC),
    _by("opens_at", "ix_collaborations_decided_newest", DECIDED_AND_PUBLIC),
    _near("ix_collaborations_over_point", OVER_AND_PUBLIC),
    _by("opens_at", "ix_collaborations_over_newest", OVER_AND_PUBLIC),
)
