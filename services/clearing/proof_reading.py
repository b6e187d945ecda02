"""Reading a proof that somebody sent: everything is checked, and what is wrong is named."""

from typing import Any

from models.money import LARGEST_MINOR
from models.rules import Rationing
from models.words import N_
from services.clearing.terms import ArticleTerms, Layer, Line, Terms, Tier


class ProofInvalid(ValueError):
    """A document is no proof; `message` with `facts` says where it goes wrong."""

    def __init__(self, message: str, **facts: str) -> None:
        self.message = message
        self.facts = facts
        super().__init__(message % facts)

    @classmethod
    def contradiction(cls, where: str) -> "ProofInvalid":
        """Return the refusal of terms or lines that cannot be."""
        return cls(N_("This proof contradicts itself at %(where)s."), where=where)


def terms_from(document: object, version: str) -> Terms:
    """Read the terms of a proof in the format `version`, or raise ProofInvalid."""
    claimed = _part(document, "format")
    if claimed != version:
        raise ProofInvalid(
            N_("This is no proof we can replay. It has to begin with the format %(expected)s."),
            expected=version,
        )
    terms = _part(document, "terms")
    try:
        return Terms(
            articles=tuple(
                _article(article, f"terms.articles[{index}]")
                for index, article in enumerate(_list(terms, "articles", "terms"))
            ),
            rationing=_rationing(_part(terms, "rationing", "terms")),
            smallest_order_minor=_number(terms, "smallest_order_minor", "terms"),
            floor_basis_points=_number(terms, "floor_basis_points", "terms"),
        )
    except ProofInvalid:
        raise
    except ValueError as contradiction:
        raise ProofInvalid.contradiction("terms") from contradiction


def lines_from(document: object, terms: Terms) -> list[Line]:
    """Read the lines of a proof, or raise ProofInvalid."""
    lines = _list(document, "lines")
    known = terms.by_key()
    read = []
    for index, line in enumerate(lines):
        where = f"lines[{index}]"
        article = _text(line, "article", where)
        if article not in known:
            raise ProofInvalid(
                N_("%(where)s names the article %(article)s, which the terms do not have."),
                where=where,
                article=article,
            )
        try:
            read.append(
                Line(
                    commitment=_text(line, "line", where),
                    article=article,
                    layers=tuple(Layer(*row) for row in _rows(line, "layers", 3, where)),
                    highest_price_minor=_number(line, "accepts_minor", where),
                )
            )
        except ProofInvalid:
            raise
        except ValueError as contradiction:
            raise ProofInvalid.contradiction(where) from contradiction
    return read


def _article(article: object, where: str) -> ArticleTerms:
    largest = _part(article, "maximum_units", where)
    try:
        return ArticleTerms(
            key=_text(article, "key", where),
            tiers=tuple(Tier(*row) for row in _rows(article, "tiers", 2, where)),
            minimum_units=_number(article, "minimum_units", where),
            maximum_units=None if largest is None else _whole(largest, "maximum_units", where),
            case_size=_number(article, "case_size", where),
            vat_basis_points=_number(article, "vat_basis_points", where),
            deposit_minor=_number(article, "deposit_minor", where),
        )
    except ProofInvalid:
        raise
    except ValueError as contradiction:
        raise ProofInvalid.contradiction(where) from contradiction


def _rationing(name: object) -> Rationing:
    for rationing in Rationing:
        if name == rationing.value:
            return rationing
    raise ProofInvalid(
        N_("%(where)s is not one of %(expected)s."),
        where="terms.rationing",
        expected=", ".join(rationing.value for rationing in Rationing),
    )


def _part(whole: object, name: str, where: str = "") -> Any:
    if not isinstance(whole, dict) or name not in whole:
        raise ProofInvalid(N_("This proof has no %(where)s."), where=_path(where, name))
    return whole[name]


def _list(whole: object, name: str, where: str = "") -> list[Any]:
    part = _part(whole, name, where)
    if not isinstance(part, list):
        raise ProofInvalid(N_("%(where)s has to be a list."), where=_path(where, name))
    return part


def _text(whole: object, name: str, where: str) -> str:
    text = _part(whole, name, where)
    if not isinstance(text, str):
        raise ProofInvalid(N_("%(where)s has to be text."), where=_path(where, name))
    try:
        # JSON can write half of a character pair, which no hash can be made of.
        text.encode()
    except UnicodeEncodeError:
        raise ProofInvalid(N_("%(where)s has to be text."), where=_path(where, name)) from None
    return text


def _number(whole: object, name: str, where: str) -> int:
    return _whole(_part(whole, name, where), name, where)


def _rows(whole: object, name: str, width: int, where: str) -> list[list[int]]:
    rows = _list(whole, name, where)
    for row in rows:
        if not isinstance(row, list) or len(row) != width:
            raise ProofInvalid(
                N_("%(where)s has an entry that is not made of %(count)s numbers."),
                where=_path(where, name),
                count=str(width),
            )
        for number in row:
            _whole(number, name, where)
    return rows


def _whole(number: object, name: str, where: str) -> int:
    if type(number) is not int or not 0 <= number <= LARGEST_MINOR:
        raise ProofInvalid(
            N_("%(where)s has to be a whole number from 0 to %(most)s."),
            where=_path(where, name),
            most=str(LARGEST_MINOR),
        )
    return number


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
