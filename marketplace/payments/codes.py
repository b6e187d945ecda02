"""QR codes for transfers: what banks' programs read (EPC069-12), drawn here and nowhere else."""

from decimal import Decimal
from io import BytesIO

from flask import Response, url_for
from segno import helpers
from sqlalchemy.orm import Session

from marketplace import filters
from models.errors import NotFound
from models.money import Money
from services import transfers
from services.payments import Standing
from services.transfers import Transfer

# The standard knows euros alone, with two decimals and up to this amount.
CURRENCY = "EUR"
MOST_MINOR = 99_999_999_999


def words(session: Session, standing: Standing) -> dict[str, object]:
    """How a payment can be transferred, as its page says it, and where the picture for it is."""
    transfer = transfers.transfer_of(session, standing.payment, standing.deal)
    if transfer is None:
        return {"transfer": None}
    url = url_for("payments.transfer_code", commitment_id=standing.payment.commitment_id)
    money = Money(transfer.amount_minor, transfer.currency)
    return {
        "transfer": transfer,
        "written": transfers.written,
        "code_url": url if has_code(transfer) else "",
        "plain_amount": str(money.to_decimal(filters.exponent(transfer.currency))),
    }


def picture(session: Session, standing: Standing) -> Response:
    """The picture of a transfer, which nobody keeps on the way; refuses with NotFound."""
    transfer = transfers.transfer_of(session, standing.payment, standing.deal)
    if transfer is None or not has_code(transfer):
        raise NotFound
    response = Response(draw(transfer), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    return response


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
