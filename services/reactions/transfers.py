"""How members learn where to transfer what they owe, and organisers that an account was named."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.buying import GroupBuy
from models.events import Event
from models.notices import NoticeKind
from services import notices, paths, payments, transfers
from services.reactions.audience import organisers
from services.reactions.registry import on
from services.reactions.telling import commitment_of, deal_of, money, tell_one, telling_of


@on("TransferAskedFor")
def ask_for_transfer(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    payment = payments.of_commitment(session, commitment.id)
    deal = commitment.collaboration
    if payment is None or not isinstance(deal, GroupBuy):
        return
    wanted = transfers.transfer_of(session, payment, deal)
    if wanted is None:
        return
    telling = telling_of(
        deal,
        NoticeKind.PAYMENT,
        "transfer-changed" if event.facts.get("is_changed") else "transfer-wanted",
        path=paths.payment(commitment.id),
        amount=money(wanted.amount_minor, deal),
        holder=wanted.holder,
        iban=transfers.written(wanted.iban),
        reference=transfers.written(wanted.reference),
        until={"moment": wanted.until_at.isoformat()},
    )
    tell_one(session, event, commitment, telling, now)


@on("BankAccountNamed")
def tell_of_account(session: Session, event: Event, now: datetime) -> None:
    # The one who named it too: if it was a stranger at their machine, they read of it here.
    deal = deal_of(session, event)
    account = transfers.account_of(session, deal.id)
    if account is not None:
        telling = telling_of(
            deal,
            NoticeKind.ORGANISING,
            "bank-account-named",
            path=paths.transfers(deal.slug),
            ending=account.iban[-4:],
        )
        notices.tell_all(session, event, organisers(session, deal), telling, now=now)
