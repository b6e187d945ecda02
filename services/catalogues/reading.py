"""What was read becomes a preview, or a reason why not; a faulty line never spoils the rest."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Integer, Select, Text, all_, cast, func, insert, literal, select
from sqlalchemy.orm import Session

from models.base import Json
from models.catalogues import CatalogueArticle, CatalogueVersion, VersionState
from models.words import N_
from services.catalogues import finding
from services.pricelists import Change, ListedArticle, PriceList, Problem, Severity
from services.pricelists.problems import SENTENCES

# Whoever faces more than this needs another file, not a longer page.
MOST_PROBLEMS = 500
THOUSAND = 1000

CURRENCY_DIFFERS = "currency-differs"
_OWN_SENTENCES = {
    CURRENCY_DIFFERS: N_(
        "This list is in %(found)s, but the catalogue is in %(expected)s. "
        "Make a catalogue in %(found)s for it."
    )
}
# Columns that come from the list before, for an article that a list does not name.
_COPIED = tuple(
    column
    for column in CatalogueArticle.__table__.columns
    if column.name not in ("id", "version_id", "position")
)


def sentence(problem: Json) -> str:
    """The msgid of a problem that is kept with a list; its `facts` fill the placeholders."""
    code = problem["code"]
    return _OWN_SENTENCES.get(code) or SENTENCES[code][1]


def keep_reading(session: Session, version_id: int, listed: PriceList, *, now: datetime) -> None:
    """Keep what was read, to be looked at; a list that was thrown away meanwhile stays gone.

    Articles that the supplier has taken out are left out. Those that a list which is not whole
    does not name are carried over from the current list.
    """
    version = session.scalar(
        select(CatalogueVersion)
        .filter_by(id=version_id, state=VersionState.READING)
        .with_for_update(key_share=True, of=CatalogueVersion)
        .execution_options(populate_existing=True)
    )
    if version is None:
        return
    _describe(version, listed)
    if listed.is_refused or listed.currency != version.catalogue.currency or not listed.articles:
        _refuse(version, listed)
    else:
        _keep_articles(session, version, listed)
        version.show()
    version.upload = None
    session.flush()


def _describe(version: CatalogueVersion, listed: PriceList) -> None:
    severities = Counter(problem.severity for problem in listed.problems)
    version.format = str(listed.format or "")
    version.title = listed.title
    version.valid_from, version.valid_until = listed.valid_from, listed.valid_to
    version.is_whole = listed.is_whole
    version.left_out_count = severities[Severity.LINE_LEFT_OUT]
    version.noted_count = severities[Severity.NOTED]
    gravest_first = sorted(listed.problems, key=lambda problem: _ORDER[problem.severity])
    version.problems = [_plain(problem) for problem in gravest_first[:MOST_PROBLEMS]]


_ORDER = {Severity.FILE_REFUSED: 0, Severity.LINE_LEFT_OUT: 1, Severity.NOTED: 2}


def _plain(problem: Problem) -> Json:
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "line": problem.line_number,
        "column": problem.column,
        "facts": dict(problem.facts),
    }


def _refuse(version: CatalogueVersion, listed: PriceList) -> None:
    if not listed.is_refused and listed.articles:
        reason = {
            "code": CURRENCY_DIFFERS,
            "severity": str(Severity.FILE_REFUSED),
            "line": 0,
            "column": "",
            "facts": {"found": listed.currency, "expected": version.catalogue.currency},
        }
        version.problems = [reason]
        version.left_out_count = version.noted_count = 0
    version.refuse()


def _keep_articles(session: Session, version: CatalogueVersion, listed: PriceList) -> None:
    offered = [one for one in listed.articles if one.change is not Change.DELISTED]
    add(session, version, offered)
    version.articles_count = len(offered)
    base = finding.current(session, version.catalogue)
    if not listed.is_whole and base is not None:
        named = [one.order_number for one in listed.articles]
        version.carried_count = _carry_over(session, base, version, named)
        version.articles_count += version.carried_count


def add(session: Session, version: CatalogueVersion, listed: Iterable[ListedArticle]) -> None:
    """Write articles in the order given, as the first of their list."""
    rows = [_row(version, position, one) for position, one in enumerate(listed, 1)]
    if rows:
        session.execute(insert(CatalogueArticle), rows)


def _row(version: CatalogueVersion, position: int, one: ListedArticle) -> dict[str, Any]:
    return {
        "version_id": version.id,
        "position": position,
        "order_number": one.order_number,
        "name": one.name,
        "second_line": one.second_line,
        "unit": one.unit,
        "category": one.category,
        "case_size": one.case_size,
        "price_minor": one.gross_minor,
        "net_price_minor": one.net_minor,
        "more_tiers": [[tier.from_units, tier.gross_minor] for tier in one.tiers],
        "vat_basis_points": one.vat_basis_points,
        "deposit_minor": one.deposit_minor,
        "recommended_minor": one.recommended_minor,
        "minimum_units": one.minimum_units,
        "maximum_units": one.maximum_units,
        "special_from": one.special_from,
        "special_until": one.special_to,
        "base_unit": one.base_unit,
        "base_units_thousandths": _thousandths(one),
        "overweight_basis_points": one.overweight_basis_points,
        "origin": one.origin,
        "quality": one.quality,
        "maker": one.maker,
        "control_body": one.control_body,
        "food_information": one.food_information,
        "ean": one.ean,
        "note": one.note,
        "is_available": one.is_available,
        "is_deposit": one.is_deposit,
    }


def _thousandths(one: ListedArticle) -> int | None:
    """How many thousandths of the base unit one unit holds; None if unknown or below one."""
    if one.base_factor is None or not one.base_unit:
        return None
    return round(THOUSAND / one.base_factor) or None


def _carry_over(
    session: Session, base: CatalogueVersion, version: CatalogueVersion, named: list[str]
) -> int:
    """Copy what `named` leaves out from `base` to the end of `version`; how many."""
    kept = select(CatalogueArticle).where(
        CatalogueArticle.version_id == base.id,
        # One array is one parameter, however long the list is.
        CatalogueArticle.order_number != all_(cast(named, ARRAY(Text))),
    )
    return copy(session, kept, version, after=len(named))


def copy(
    session: Session,
    chosen: Select[CatalogueArticle],
    version: CatalogueVersion,
    *,
    after: int = 0,
) -> int:
    """Copy the chosen articles into `version`, behind position `after`, in their order."""
    source = chosen.subquery()
    order = func.row_number().over(order_by=source.c.position).cast(Integer)
    made = session.connection().execute(
        insert(CatalogueArticle).from_select(
            ["version_id", "position", *(column.name for column in _COPIED)],
            select(
                literal(version.id),
                order + after,
                *(source.c[column.name] for column in _COPIED),
            ),
        ),
        execution_options={"preserve_rowcount": True},
    )
    return made.rowcount
