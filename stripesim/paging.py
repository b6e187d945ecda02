"""The parameters that every list takes."""

PAGED = frozenset({"limit", "starting_after", "ending_before"})
DATED = PAGED | {"created", "created.gt", "created.gte", "created.lt", "created.lte"}
