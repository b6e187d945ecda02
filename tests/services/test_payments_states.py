"""Where a payment stands: every verb from every state, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from models.errors import Conflict
from models.lifecycle import NotInThisState
from models.payments import (
    AttemptState,
    DeniedTwice,
    Instrument,
    Payment,
    PaymentAttempt,
    PaymentNotDue,
    PaymentState,
    Refund,
    RefundState,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

S = PaymentState
VERBS: dict[str, tuple[Callable[[Payment], object], S, set[S]]] = {
    "promise_card": (lambda p: p.promise_card("pm"), S.READY, {S.AWAITING_CARD}),
    "promise_hold": (
        lambda p: p.promise_hold("pi", 5, payment_method_key="pm", capture_before_at=NOW),
        S.READY,
        {S.AWAITING_CARD},
    ),
    "ask_again": (lambda p: p.ask_again(NOW), S.AWAITING_CARD, {S.READY}),
    "need_card": (lambda p: p.need_card(), S.NEEDS_ACTION, {S.AWAITING_CARD, S.CHARGING}),
    "charge": (lambda p: p.charge(5), S.CHARGING, {S.READY, S.NEEDS_ACTION, S.DECLINED}),
    "need_action": (
        lambda p: p.need_action("pi"),
        S.NEEDS_ACTION,
        {S.AWAITING_CARD, S.CHARGING},
    ),
    "decline": (lambda p: p.decline("no", None), S.DECLINED, {S.CHARGING}),
    "mark_paid": (
        lambda p: p.mark_paid(5, now=NOW),
        S.PAID,
        {S.CHARGING, S.NEEDS_ACTION, S.DECLINED, S.AT_PICKUP, S.CONFIRMED_BY_ONE},
    ),
    "confirm_by_payer": (
        lambda p: p.confirm_by_payer(5, NOW),
        S.CONFIRMED_BY_ONE,
        {S.AT_PICKUP},
    ),
    "confirm_for_both": (
        lambda p: p.confirm_by_payee(5, NOW, for_payer_too=True),
        S.PAID,
        {S.AT_PICKUP, S.CONFIRMED_BY_ONE},
    ),
    "pay_by_hand": (
        lambda p: p.pay_by_hand(),
        S.AT_PICKUP,
        {S.NEEDS_ACTION, S.DECLINED, S.CONFIRMED_BY_ONE},
    ),
    "take_confirmation_back": (
        lambda p: p.take_confirmation_back(),
        S.AT_PICKUP,
        {S.CONFIRMED_BY_ONE},
    ),
    "deny_by_payee": (
        lambda p: (setattr(p, "confirmed_by_payer_at", NOW), p.deny_by_payee()),
        S.AT_PICKUP,
        {S.CONFIRMED_BY_ONE},
    ),
    "stand_again": (lambda p: p.stand_again(), S.READY, {S.RELEASED}),
    "fail": (lambda p: p.fail(), S.FAILED, {S.NEEDS_ACTION, S.DECLINED}),
    "release": (lambda p: p.release(), S.RELEASED, set(S) - {S.PAID, S.FAILED, S.RELEASED}),
}


def at(state: PaymentState) -> Payment:
    return Payment(
        state=state,
        instrument=Instrument.SAVED_CARD,
        currency="EUR",
        amount_minor=0,
        attempts_count=0,
        denials_count=0,
        checkouts_count=0,
        checkout_key="",
        made_at=NOW,
    )


@pytest.mark.parametrize("state", list(PaymentState))
@pytest.mark.parametrize("verb", list(VERBS))
def test_a_verb_moves_from_its_states_alone(verb: str, state: PaymentState):
    act, becomes, begins = VERBS[verb]
    payment = at(state)

    if state in begins:
        act(payment)
        assert payment.state == becomes
    else:
        with pytest.raises(NotInThisState):
            act(payment)
        assert payment.state == state


def test_every_state_has_its_row_and_the_ends_have_no_way_out():
    assert set(Payment.MOVES) == set(PaymentState)
    ends = {state for state, ways in Payment.MOVES.items() if not ways}
    assert ends == {PaymentState.PAID, PaymentState.FAILED}


@pytest.mark.parametrize("state", sorted(set(PaymentState) - {PaymentState.CHARGING}))
def test_only_a_running_charge_goes_on_without_its_hold(state: PaymentState):
    with pytest.raises(Conflict):
        at(state).charge_without_hold()


@pytest.mark.parametrize(
    ("instrument", "promised", "saved", "able"),
    [
        (Instrument.HAND_TO_HAND, "", "", True),
        (Instrument.SAVED_CARD, "pm", "pm", True),
        (Instrument.HELD_ON_CARD, "pm", "pm", True),
        (Instrument.SAVED_CARD, "pm", "other", False),
        (Instrument.SAVED_CARD, "pm", "", False),
        (Instrument.SAVED_CARD, "", "", False),
    ],
)
def test_what_was_let_go_stands_again_by_hand_or_with_the_very_card_that_was_promised(
    instrument: Instrument, promised: str, saved: str, able: bool
):
    payment = at(PaymentState.RELEASED)
    payment.instrument, payment.payment_method_key = instrument, promised

    assert payment.can_stand_again(saved) is able
    payment.state = PaymentState.FAILED
    assert not payment.can_stand_again(saved)


def test_what_is_paid_from_hand_to_hand_stands_again_without_a_card():
    payment = at(PaymentState.RELEASED)
    payment.instrument = Instrument.HAND_TO_HAND

    payment.stand_again()

    assert payment.state == PaymentState.AT_PICKUP


def test_one_side_confirms_once():
    payment = at(PaymentState.AT_PICKUP)
    payment.confirm_by_payer(5, NOW)

    with pytest.raises(PaymentNotDue):
        payment.confirm_by_payer(5, NOW)
    payment.confirm_by_payee(5, NOW)

    assert payment.state == PaymentState.PAID


def test_what_the_payer_says_is_denied_twice_and_then_no_more_said():
    payment = at(PaymentState.AT_PICKUP)
    for _ in range(Payment.MOST_DENIALS):
        payment.confirm_by_payer(5, NOW)
        payment.deny_by_payee()

    with pytest.raises(DeniedTwice):
        payment.confirm_by_payer(5, NOW)
    payment.confirm_by_payee(5, NOW)
    payment.confirm_by_payer(5, NOW)

    assert payment.state == PaymentState.PAID


def test_nobody_denies_what_they_said_themselves():
    payment = at(PaymentState.AT_PICKUP)
    payment.confirm_by_payee(5, NOW)

    with pytest.raises(PaymentNotDue):
        payment.deny_by_payee()

    assert payment.state == PaymentState.CONFIRMED_BY_ONE


def test_hosted_pages_are_numbered_once_while_they_are_opened():
    payment = at(PaymentState.AWAITING_CARD)

    payment.number_checkout()
    payment.number_checkout()
    assert payment.checkouts_count == 1

    payment.checkout_key = "cs_1"
    payment.end_checkout()
    payment.number_checkout()
    assert (payment.checkouts_count, payment.checkout_key) == (2, "")


@pytest.mark.parametrize("state", list(AttemptState))
@pytest.mark.parametrize("becomes", list(AttemptState))
def test_an_attempt_is_sent_and_answered_once(becomes: AttemptState, state: AttemptState):
    attempt = PaymentAttempt(state=state, sent_at=NOW)
    answers = {AttemptState.SUCCEEDED, AttemptState.NEEDS_ACTION, AttemptState.DECLINED}
    ways = {AttemptState.PLANNED: {AttemptState.SENT}, AttemptState.SENT: answers}

    def move() -> None:
        if becomes == AttemptState.SENT:
            attempt.send(NOW)
        else:
            attempt.answer(becomes, now=NOW)

    if becomes in ways.get(state, set()):
        move()
        assert attempt.state == becomes
    else:
        with pytest.raises(NotInThisState):
            move()
        assert (attempt.state, attempt.answered_at) == (state, None)


@pytest.mark.parametrize("state", list(RefundState))
def test_a_refund_is_sent_and_done_once(state: RefundState):
    def refund() -> Refund:
        return Refund(state=state, tries_count=1)

    for becomes, act, begins in (
        (RefundState.SENT, lambda one: one.send(NOW), {RefundState.WANTED}),
        (
            RefundState.SUCCEEDED,
            lambda one: one.succeed("re", NOW),
            {RefundState.WANTED, RefundState.SENT},
        ),
        (RefundState.FAILED, Refund.fail, {RefundState.SENT, RefundState.SUCCEEDED}),
        # What failed, or could not go while the payer's bank has the charge.
        (RefundState.WANTED, Refund.want_again, {RefundState.FAILED, RefundState.SENT}),
        (
            RefundState.SUPERSEDED,
            lambda one: one.supersede(NOW),
            {RefundState.WANTED, RefundState.FAILED},
        ),
    ):
        one = refund()
        if state in begins:
            act(one)
            assert one.state == becomes
        else:
            with pytest.raises(NotInThisState):
                act(one)
