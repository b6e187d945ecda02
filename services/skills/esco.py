"""ESCO, the European classification of skills, as its download has it: one table per language.

The columns read are those of version 1.2: `conceptUri`, `preferredLabel`, and `altLabels` and
`hiddenLabels` with a name in each line; of the table of relations `conceptUri`, `broaderUri`.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.skills.loading import SkillRow

LONGEST_LABEL = 200


def read(tables: Mapping[str, Path], relations: Path | None = None) -> Iterator[SkillRow]:
    """The skills of the tables, by language ("de": skills_de.csv), each with all its names.

    Raises KeyError for a table without the columns above.
    """
    broader = _broader(relations) if relations is not None else {}
    labels: dict[str, dict[str, list[str]]] = {}
    for lang, path in tables.items():
        for row in _rows(path):
            labels.setdefault(row["conceptUri"], {})[lang] = _names(row)
    for key, names in labels.items():
        yield SkillRow(key, broader.get(key, ""), names)


def _broader(path: Path) -> dict[str, str]:
    """By skill the first wider one that is named."""
    broader: dict[str, str] = {}
    for row in _rows(path):
        broader.setdefault(row["conceptUri"], row["broaderUri"])
    return broader


def _names(row: Mapping[str, str]) -> list[str]:
    more = [(row.get(column) or "").splitlines() for column in ("altLabels", "hiddenLabels")]
    names = [row["preferredLabel"], *more[0], *more[1]]
    return [one.strip() for one in names if 0 < len(one.strip()) <= LONGEST_LABEL]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as table:
        yield from csv.DictReader(table)
