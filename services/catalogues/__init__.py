"""What can be done with a catalogue: upload a list, look at it, keep it, make a deal from it."""

from services.catalogues.comparing import Difference, Kind, counts, differences
from services.catalogues.dealing import Choice, CurrencyDiffers, copy_into
from services.catalogues.deciding import keep, sweep, throw_away
from services.catalogues.editing import (
    TypedArticle,
    add_article,
    change_article,
    remove_article,
)
from services.catalogues.exporting import export
from services.catalogues.finding import (
    Kept,
    article,
    articles,
    before,
    categories,
    current,
    find,
    keeper,
    of_owner,
    require_editor,
    undecided,
    version,
    versions,
    waiting,
)
from services.catalogues.making import Cover, currencies, describe, make
from services.catalogues.reading import keep_reading, sentence
from services.catalogues.uploading import (
    FileEmpty,
    FileTooLarge,
    Unread,
    Upload,
    parse,
    proposed_vat_rates,
    tell_progress,
    unread,
    upload,
)
from services.catalogues.vat import VAT_RATES, VatRates
from services.pricelists import MOST_BYTES

__all__ = [
    "MOST_BYTES",
    "VAT_RATES",
    "Choice",
    "Cover",
    "CurrencyDiffers",
    "Difference",
    "FileEmpty",
    "FileTooLarge",
    "Kept",
    "Kind",
    "TypedArticle",
    "Unread",
    "Upload",
    "VatRates",
    "add_article",
    "article",
    "articles",
    "before",
    "categories",
    "change_article",
    "copy_into",
    "counts",
    "currencies",
    "current",
    "describe",
    "differences",
    "export",
    "find",
    "keep",
    "keep_reading",
    "keeper",
    "make",
    "of_owner",
    "parse",
    "proposed_vat_rates",
    "remove_article",
    "require_editor",
    "sentence",
    "sweep",
    "tell_progress",
    "throw_away",
    "undecided",
    "unread",
    "upload",
    "version",
    "versions",
    "waiting",
]
