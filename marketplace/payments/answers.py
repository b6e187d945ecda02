"""What programs are told of payments, refunds, saved cards and shortfalls."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.payments.wording import consent
from marketplace.schemas import Schema
from models.collaborations import State
from models.money import Money
from models.payments import Instrument, Payment, PaymentState, Refund, RefundState
from services.buying.shortfalls import Shortfall
from services.gateways.answers import Card
from services.payments import Standing
from services.transfers import Transfer


class PaymentOut(Schema):
    """The money for one commitment, as payer and organisers may know of it."""

    commitment = Id(required=True)
    state = Choice(PaymentState, required=True)
    instrument = Choice(Instrument, required=True)
    amount = MoneyOut(
        required=True,
        metadata={"description": "What is to be charged, and since it is paid, what was."},
    )
    refunded = MoneyOut(required=True)
    confirmed_by_payer_at = Moment(required=True, allow_none=True)
    confirmed_by_payee_at = Moment(required=True, allow_none=True)
    denials_count = Count(
        required=True,
        metadata={
            "description": "How often those who organise said that it did not arrive; after the "
            "second time the payer alone cannot say that they have paid."
        },
    )
    paid_at = Moment(required=True, allow_none=True)


class OwnPaymentOut(PaymentOut):
    """A payment of one's own, with the group buy that it is for."""

    group_buy = Id(required=True)


class RefundOut(Schema):
    id = Id(required=True)
    amount = MoneyOut(required=True)
    state = Choice(RefundState, required=True)
    is_to_card = fields.Boolean(
        required=True,
        metadata={"description": "Else those who organise owe it, and hand it over."},
    )
    wanted_at = Moment(required=True)
    done_at = Moment(required=True, allow_none=True)


class SavedCardOut(Schema):
    brand = fields.String(required=True)
    last4 = fields.String(required=True)


class BankTransferOut(Schema):
    """How to pay by transfer: the reference alone belongs into its purpose."""

    holder = fields.String(required=True)
    iban = fields.String(required=True)
    bic = fields.String(required=True)
    reference = fields.String(required=True)
    amount = MoneyOut(required=True)
    until_at = Moment(required=True)


class PaymentDetailOut(OwnPaymentOut):
    """A payment as its payer sees it, with what they can do now."""

    due = MoneyOut(
        required=True,
        metadata={"description": "Before it is decided the most it can cost, then what is owed."},
    )
    is_held = fields.Boolean(
        required=True,
        metadata={"description": "Whether the most it can cost is held on a card until then."},
    )
    consent = fields.String(
        required=True,
        metadata={
            "description": "What is agreed to by giving a card now, in the language of "
            "Accept-Language; empty if none is asked for."
        },
    )
    agreed = fields.String(
        required=True, metadata={"description": "The words that were agreed to, as shown then."}
    )
    saved_card = fields.Nested(SavedCardOut, required=True, allow_none=True)
    card_due_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "Without a card by then the commitment is taken back."},
    )
    pay_until_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "What is not paid by then is given up. Null if that is not so."},
    )
    next_try_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "When a card that was declined is asked again."},
    )
    transfer = fields.Nested(BankTransferOut, required=True, allow_none=True)
    refunds = fields.List(fields.Nested(RefundOut), required=True)


class CheckoutOut(Schema):
    url = fields.String(
        required=True, metadata={"description": "Where the payer goes on, in a browser."}
    )


class CardOut(SavedCardOut):
    """A saved card, as far as it may be shown; its number is kept by the payment service."""

    id = fields.String(required=True)
    expires_year = Count(required=True)
    expires_month = Count(required=True)


class LeftOut(Schema):
    """What is left of an article: the units that were decided, and those that are paid for."""

    name = fields.String(required=True)
    decided_units = Count(required=True)
    paid_units = Count(required=True)


class ShortfallOut(Schema):
    """Some did not pay: what those who were asked decide about."""

    group_buy = Id(required=True)
    until_at = Moment(required=True)
    articles = fields.List(fields.Nested(LeftOut), required=True)


def shown_payment(payment: Payment) -> dict[str, Any]:
    return {
        "commitment": payment.commitment_id,
        "state": payment.state,
        "instrument": payment.instrument,
        "amount": Money(payment.amount_minor, payment.currency),
        "refunded": Money(payment.refunded_minor, payment.currency),
        "confirmed_by_payer_at": payment.confirmed_by_payer_at,
        "confirmed_by_payee_at": payment.confirmed_by_payee_at,
        "denials_count": payment.denials_count,
        "paid_at": payment.paid_at,
    }


def shown_own_payment(payment: Payment) -> dict[str, Any]:
    return {**shown_payment(payment), "group_buy": payment.commitment.collaboration_id}


def shown_standing(standing: Standing, transfer: Transfer | None) -> dict[str, Any]:
    payment, deal, card = standing.payment, standing.deal, standing.saved_card
    wants_card = payment.state == PaymentState.AWAITING_CARD and standing.commitment.is_alive
    is_open = payment.state in Payment.UNPAID and bool(standing.amount_minor)
    return {
        **shown_own_payment(payment),
        "due": Money(standing.amount_minor, payment.currency),
        "is_held": standing.holds,
        "consent": consent(standing) if wants_card else "",
        "agreed": payment.consent,
        "saved_card": {"brand": card.card_brand, "last4": card.card_last4} if card else None,
        "card_due_at": standing.card_until_at if wants_card else None,
        "pay_until_at": (
            deal.collect_until_at if is_open and deal.state == State.COLLECTING else None
        ),
        "next_try_at": payment.next_try_at if is_open else None,
        "transfer": shown_transfer(transfer),
        "refunds": [shown_refund(one, payment.currency) for one in standing.refunds],
    }


def shown_transfer(transfer: Transfer | None) -> dict[str, Any] | None:
    if transfer is None:
        return None
    return {**vars(transfer), "amount": Money(transfer.amount_minor, transfer.currency)}


def shown_refund(refund: Refund, currency: str) -> dict[str, Any]:
    return {
        "id": refund.id,
        "amount": Money(refund.amount_minor, currency),
        "state": refund.state,
        "is_to_card": bool(refund.intent_key),
        "wanted_at": refund.wanted_at,
        "done_at": refund.done_at,
    }


def shown_card(card: Card) -> dict[str, Any]:
    return {name: getattr(card, name) for name in CardOut().fields}


def shown_shortfall(found: Shortfall) -> dict[str, Any]:
    return {
        "group_buy": found.deal.id,
        "until_at": found.until_at,
        "articles": [
            {"name": name, "decided_units": decided, "paid_units": paid}
            for name, decided, paid in found.articles
        ],
    }
