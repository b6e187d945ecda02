"""QR codes for transfers: what banks' programs read (EPC069-12), drawn here and nowhere else."""

from decimal import Decimal
from io import BytesIO

from segno import helpers

from services.transfers import Transfer

# The standard knows euros alone, with two decimals and up to this amount.
CURRENCY = "EUR"
MOST_MINOR = 99_999_999_999


def has_code(transfer: Transfer) -> bool:
    return transfer.currency == CURRENCY and transfer.amount_minor <= MOST_MINOR


def draw(transfer: Transfer) -> bytes:
    """The QR code of a transfer in euros as an SVG without any style of its own."""
    code = helpers.make_epc_qr(
        name=transfer.holder,
        iban=transfer.iban,
        amount=Decimal(transfer.amount_minor).scaleb(-2),
        reference=transfer.reference,
        bic=transfer.bic or None,
        encoding="utf-8",
    )
    out = BytesIO()
    # Black on white in every theme: cameras read nothing else as well.
    code.save(out, kind="svg", scale=4, border=4, dark="#000", light="#fff")
    return out.getvalue()
