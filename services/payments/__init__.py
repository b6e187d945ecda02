"""Payments: what stands behind a commitment, and how its money comes in and goes back.

No function here both calls the gateway and touches the database: a call stands between two
transactions, so each act comes in three parts (plan or begin, send or read, record or take in).
"""

from models.payments import CARD_LIMIT
from services.gateways.answers import Checkout
from services.payments.arriving import News, read_charge, read_page, take_in
from services.payments.charging import ChargeCall, begin_charge, record_charge, send_charge
from services.payments.checkouts import (
    CheckoutPlan,
    Purpose,
    forget_page,
    keep_checkout,
    number_checkout,
    open_checkout,
    plan_checkout,
)
from services.payments.due_dates import pay_by_at
from services.payments.finding import is_collected, locked, of_actor, of_commitment, open_ones, own
from services.payments.handing import (
    SILENCE,
    confirm_paid,
    confirm_received,
    count_silence,
    deny_paid,
    hand_back,
    pay_by_hand,
    take_back,
)
from services.payments.letting_go import let_go
from services.payments.locking import lock_money, locked_payments
from services.payments.owing_less import give_back_many, lower_due, lower_dues
from services.payments.planning import charge_batch, request_charges, retry
from services.payments.promising import (
    Standing,
    await_card,
    holds,
    is_outgrown,
    is_overdue,
    outgrown,
    release,
    release_many,
    standing,
    use_saved_card,
    without_card,
)
from services.payments.refunding import (
    RefundCall,
    begin_refund,
    failed_refunds,
    record_refund,
    send_refund,
    try_refund_again,
)
from services.payments.standing_again import able_to_stand_again, stand_again
from services.payments.superseding import borne_by_banks
from services.payments.sweeping import sweep

__all__ = [
    "CARD_LIMIT",
    "SILENCE",
    "ChargeCall",
    "Checkout",
    "CheckoutPlan",
    "News",
    "Purpose",
    "RefundCall",
    "Standing",
    "able_to_stand_again",
    "await_card",
    "begin_charge",
    "begin_refund",
    "borne_by_banks",
    "charge_batch",
    "confirm_paid",
    "confirm_received",
    "count_silence",
    "deny_paid",
    "failed_refunds",
    "forget_page",
    "give_back_many",
    "hand_back",
    "holds",
    "is_collected",
    "is_outgrown",
    "is_overdue",
    "keep_checkout",
    "let_go",
    "lock_money",
    "locked",
    "locked_payments",
    "lower_due",
    "lower_dues",
    "number_checkout",
    "of_actor",
    "of_commitment",
    "open_checkout",
    "open_ones",
    "outgrown",
    "own",
    "pay_by_at",
    "pay_by_hand",
    "plan_checkout",
    "read_charge",
    "read_page",
    "record_charge",
    "record_refund",
    "release",
    "release_many",
    "request_charges",
    "retry",
    "send_charge",
    "send_refund",
    "stand_again",
    "standing",
    "sweep",
    "take_back",
    "take_in",
    "try_refund_again",
    "use_saved_card",
    "without_card",
]
