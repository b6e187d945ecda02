"""Reading a proof that somebody sent: everything is checked, and what is wrong is named."""

from enum import StrEnum
from typing import Any, TypeVar

from models.money import LARGEST_MINOR
from models.rules import Rationing
from models.words import N_
from services.clearing.terms import ArticleTerms, Layer, Line, Terms, Tier

Kind = TypeVar("Kind", bound=StrEnum)


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
    claimed = part_of(document, "format")
    if claimed != version:
        raise ProofInvalid(
            N_("This is no proof we can replay. It has to begin with the format %(expected)s."),
            expected=version,
        )
    terms = part_of(document, "terms")
    try:
        return Terms(
            articles=tuple(
                _article(article, f"terms.articles[{index}]")
                for index, article in enumerate(list_of(terms, "articles", "terms"))
            ),
            rationing=choice_of(terms, "rationing", Rationing, "terms"),
            smallest_order_minor=number_of(terms, "smallest_order_minor", "terms"),
            floor_basis_points=number_of(terms, "floor_basis_points", "terms"),
        )
    except ProofInvalid:
        raise
    except ValueError as contradiction:
        raise ProofInvalid.contradiction("terms") from contradiction


def lines_from(document: object, terms: Terms) -> list[Line]:
    """Read the lines of a proof, or raise ProofInvalid."""
    lines = list_of(document, "lines")
    known = terms.by_key()
    read = []
    for index, line in enumerate(lines):
        where = f"lines[{index}]"
        article = text_of(line, "article", where)
        if article not in known:
            raise ProofInvalid(
                N_("%(where)s names the article %(article)s, which the terms do not have."),
                where=where,
                article=article,
            )
        try:
            read.append(
                Line(
                    commitment=text_of(line, "line", where),
                    article=article,
                    layers=layers_of(line, where),
                    highest_price_minor=number_of(line, "accepts_minor", where),
                )
            )
        except ProofInvalid:
            raise
        except ValueError as contradiction:
            raise ProofInvalid.contradiction(where) from contradiction
    return read


def layers_of(line: object, where: str) -> tuple[Layer, ...]:
    """Read the layers of a line; may raise the ValueError of a layer that cannot be."""
    return tuple(Layer(*row) for row in rows_of(line, "layers", 3, where))


def _article(article: object, where: str) -> ArticleTerms:
    largest = part_of(article, "maximum_units", where)
    try:
        return ArticleTerms(
            key=text_of(article, "key", where),
            tiers=tuple(Tier(*row) for row in rows_of(article, "tiers", 2, where)),
            minimum_units=number_of(article, "minimum_units", where),
            maximum_units=None if largest is None else _whole(largest, "maximum_units", where),
            case_size=number_of(article, "case_size", where),
            vat_basis_points=number_of(article, "vat_basis_points", where),
            deposit_minor=number_of(article, "deposit_minor", where),
        )
    except ProofInvalid:
        raise
    except ValueError as contradiction:
        raise ProofInvalid.contradiction(where) from contradiction


def part_of(whole: object, name: str, where: str = "") -> Any:
    if not isinstance(whole, dict) or name not in whole:
        raise ProofInvalid(N_("This proof has no %(where)s."), where=path_to(where, name))
    return whole[name]


def list_of(whole: object, name: str, where: str = "") -> list[Any]:
    part = part_of(whole, name, where)
    if not isinstance(part, list):
        raise ProofInvalid(N_("%(where)s has to be a list."), where=path_to(where, name))
    return part


def text_of(whole: object, name: str, where: str) -> str:
    text = part_of(whole, name, where)
    if not isinstance(text, str):
        raise ProofInvalid(N_("%(where)s has to be text."), where=path_to(where, name))
    try:
        # JSON can write half of a character pair, which no hash can be made of.
        text.encode()
    except UnicodeEncodeError:
        raise ProofInvalid(N_("%(where)s has to be text."), where=path_to(where, name)) from None
    return text


def number_of(whole: object, name: str, where: str) -> int:
    return _whole(part_of(whole, name, where), name, where)


def choice_of(whole: object, name: str, kinds: type[Kind], where: str = "") -> Kind:
    chosen = part_of(whole, name, where)
    for kind in kinds:
        if chosen == kind.value:
            return kind
    raise ProofInvalid(
        N_("%(where)s is not one of %(expected)s."),
        where=path_to(where, name),
        expected=", ".join(kind.value for kind in kinds),
    )


def rows_of(whole: object, name: str, width: int, where: str) -> list[list[int]]:
    rows = list_of(whole, name, where)
    for row in rows:
        if not isinstance(row, list) or len(row) != width:
            raise ProofInvalid(
                N_("%(where)s has an entry that is not made of %(count)s numbers."),
                where=path_to(where, name),
                count=str(width),
            )
        for number in row:
            _whole(number, name, where)
    return rows


def _whole(number: object, name: str, where: str) -> int:
    if type(number) is not int or not 0 <= number <= LARGEST_MINOR:
        raise ProofInvalid(
            N_("%(where)s has to be a whole number from 0 to %(most)s."),
            where=path_to(where, name),
            most=str(LARGEST_MINOR),
        )
    return number


def path_to(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
