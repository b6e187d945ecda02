"""Chargebacks: a payer's bank questions a charge; it is answered, and the bank decides."""

from services.chargebacks.answering import (
    LONGEST_ANSWER,
    AnswerCall,
    Questioned,
    answer,
    answerable,
    begin_answer,
    find,
    may_answer,
    of_deal,
    of_payment,
    pending,
    record_refusal,
    send_answer,
    standing_against,
    unsent,
)
from services.chargebacks.arriving import read, read_of_charge, take_in

__all__ = [
    "LONGEST_ANSWER",
    "AnswerCall",
    "Questioned",
    "answer",
    "answerable",
    "begin_answer",
    "find",
    "may_answer",
    "of_deal",
    "of_payment",
    "pending",
    "read",
    "read_of_charge",
    "record_refusal",
    "send_answer",
    "standing_against",
    "take_in",
    "unsent",
]
