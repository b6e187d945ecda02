"""What happens to a catalogue: the events of this feature."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class CatalogueMade(Happened):
    """Someone began to keep a supplier's articles."""

    catalogue_id: int


@dataclass(frozen=True, kw_only=True)
class PriceListUploaded(Happened):
    """A file waits to be read and looked at."""

    catalogue_id: int
    number: int


@dataclass(frozen=True, kw_only=True)
class PriceListKept(Happened):
    """A list became the one that deals are made from."""

    catalogue_id: int
    number: int
    articles: int


@dataclass(frozen=True, kw_only=True)
class PriceListThrownAway(Happened):
    """A list was looked at and nothing of it was kept."""

    catalogue_id: int
    number: int


@dataclass(frozen=True, kw_only=True)
class CatalogueTyped(Happened):
    """Articles were added, changed or taken out by hand."""

    catalogue_id: int
    number: int
