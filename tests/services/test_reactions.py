"""Whatever happens is told once to those it concerns, however often the reaction runs."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models.collaborations import Commitment, CoOrganiser, NamedGuest
from models.disputes import Ground, Measure, Target
from models.events import Event
from models.members import Role
from models.notices import Mail, Notice
from models.participants import Membership, MembershipRole, ParticipantKind
from services import buying, dialogue, disputes, reactions
from services.reactions import audience
from services.reactions import buying as of_buying
from services.reactions import payments as of_payments
from tests import make, make_talk
from tests.make_buying import commitment_of, group_buy, join


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


def happened(session, kind, deal, now, **columns):
    event = Event(kind=kind, collaboration_id=deal.id, happened_at=now, **columns)
    session.add(event)
    session.flush()
    return event


def react(session, kind, *, now, times=1):
    for event in session.scalars(select(Event).filter_by(kind=kind)).all():
        for _ in range(times):
            reactions.run(session, event.id, now=now)
    session.flush()


def told(session, actor):
    rows = session.scalars(select(Notice).filter_by(member_id=actor.member.id).order_by(Notice.id))
    return [notice.message for notice in rows]


def mailed(session, actor):
    rows = session.scalars(select(Mail).filter_by(member_id=actor.member.id).order_by(Mail.id))
    return [mail.facts["message"] for mail in rows]


def test_joining_is_confirmed_and_the_organiser_sees_it(session, deal, alice, bob, now):
    join(session, deal, bob, 2, now=now)

    react(session, "GroupBuyJoined", now=now, times=3)

    assert told(session, bob) == mailed(session, bob) == ["joined"]
    assert told(session, alice) == ["someone-joined"]
    assert mailed(session, alice) == []
    notice = session.scalars(select(Notice).filter_by(member_id=bob.member.id)).one()
    assert notice.facts["worst_case"] == {"minor": 8000, "currency": "EUR"}


@pytest.mark.parametrize("kind", of_buying.TO_ALL)
def test_what_concerns_all_is_told_to_all_once(session, deal, alice, bob, charlie, now, kind):
    join(session, deal, bob, 1, now=now)
    join(session, deal, charlie, 1, now=now)
    if of_buying.TO_ALL[kind][2] == Commitment.TAKING_PART:
        session.execute(text("UPDATE commitments SET state = 'in'"))
        session.expire_all()
    facts = {"closes_at": (now + timedelta(days=9)).isoformat()}
    event = happened(session, kind, deal, now, facts=facts, member_id=alice.member.id)

    for _ in range(3):
        reactions.run(session, event.id, now=now)

    # Where there is one place to fetch the goods, it is named.
    message = of_buying.TO_ALL[kind][0].replace("hand-over-begun", "hand-over-begun-at")
    assert told(session, bob) == told(session, charlie) == [message]
    # Whoever did it knows.
    assert told(session, alice) == []


@pytest.mark.parametrize("kind", ["GroupBuyCancelled", "GroupBuyPaused", "GroupBuyFailed"])
def test_a_reason_is_passed_on(session, deal, bob, now, kind):
    join(session, deal, bob, 1, now=now)
    event = happened(session, kind, deal, now, facts={}, reason="The supplier is ill")

    reactions.run(session, event.id, now=now)

    [notice] = session.scalars(select(Notice).filter_by(member_id=bob.member.id)).all()
    assert notice.message.endswith("-because")
    assert notice.facts["reason"] == "The supplier is ill."


def test_each_learns_whether_they_are_in(session, deal, bob, charlie, now):
    join(session, deal, bob, 5, now=now)
    join(session, deal, charlie, 1, highest_price_minor=3600, now=now)
    buying.close(session, deal.id, now=deal.closes_at)

    react(session, "CommitmentSettled", now=now, times=3)

    assert told(session, bob) == ["in"]
    assert told(session, charlie) in (["out"], ["out-because"])


def test_those_who_leave_are_told_nothing_more(session, deal, alice, bob, now):
    join(session, deal, bob, 1, now=now)
    commitment = commitment_of(session, deal, bob.participant.id)
    buying.withdraw(session, deal, commitment, actor=bob, now=now)
    event = happened(session, "GroupBuyTipped", deal, now, facts={})

    reactions.run(session, event.id, now=now)
    react(session, "CommitmentWithdrawn", now=now, times=3)

    assert told(session, bob) == ["left"]
    assert told(session, alice) == ["tipped", "someone-left"]


def test_owners_and_managers_read_for_an_organisation(session, alice, bob, charlie, now):
    baker = make.organisation(session, "Baker", owner=alice, now=now)
    for actor, role in ((bob, MembershipRole.MANAGER), (charlie, MembershipRole.AGENT)):
        session.add(
            Membership(
                organisation_id=baker.participant.id,
                member_id=actor.member.id,
                role=role,
                since_at=now,
            )
        )
    session.flush()

    found = audience.voices(session, {baker.participant.id})

    assert [member.id for member in found] == [alice.member.id, bob.member.id]


def test_the_organiser_reads_for_a_guest(session, alice, now):
    guest = make.participant(
        session, "Oma", kind=ParticipantKind.GUEST, kept_by_id=alice.participant.id, now=now
    )

    assert audience.voices(session, {guest.id}) == [alice.member]


def test_co_organisers_are_told_as_organisers(session, deal, alice, bob, now):
    session.add(
        CoOrganiser(
            collaboration_id=deal.id, member_id=bob.member.id, state="accepted", since_at=now
        )
    )
    session.flush()

    assert audience.organisers(session, deal) == [alice.member, bob.member]


def test_named_guests_are_invited_when_it_opens(session, deal, alice, bob, now):
    session.add(NamedGuest(collaboration_id=deal.id, participant_id=bob.participant.id))
    event = happened(session, "GroupBuyOpened", deal, now, facts={})

    for _ in range(3):
        reactions.run(session, event.id, now=now)

    assert told(session, bob) == ["invited"]
    assert told(session, alice) == ["opened"]


@pytest.mark.parametrize(
    ("kind", "message"),
    [*of_payments.OF_PAYMENTS.items(), ("CommitmentDropped", "payment-dropped")],
)
def test_payments_are_told_to_the_one_who_pays(session, deal, bob, charlie, now, kind, message):
    commitment_id = join(session, deal, bob, 1, now=now)
    join(session, deal, charlie, 1, now=now)
    event = happened(
        session, kind, deal, now, commitment_id=commitment_id, facts={"amount_minor": 4000}
    )

    for _ in range(3):
        reactions.run(session, event.id, now=now)

    assert told(session, bob) == [message]
    assert told(session, charlie) == []


def test_a_last_refusal_of_a_card_is_called_so(session, deal, bob, now):
    commitment_id = join(session, deal, bob, 1, now=now)
    event = happened(
        session,
        "PaymentDeclined",
        deal,
        now,
        commitment_id=commitment_id,
        facts={"amount_minor": 4000, "is_final": True},
    )

    reactions.run(session, event.id, now=now)

    assert told(session, bob) == ["payment-declined-finally"]


@pytest.mark.parametrize(
    ("is_final", "message"), [(False, "paid-denied"), (True, "paid-denied-finally")]
)
def test_who_says_in_vain_that_they_paid_is_told_what_to_do_by_mail_too(
    session, deal, bob, now, is_final, message
):
    commitment_id = join(session, deal, bob, 1, now=now)
    event = happened(
        session,
        "PaidDenied",
        deal,
        now,
        commitment_id=commitment_id,
        facts={"amount_minor": 4000, "is_final": is_final},
    )

    reactions.run(session, event.id, now=now)

    assert told(session, bob) == [message]
    mails = session.scalars(select(Mail).filter_by(member_id=bob.member.id))
    assert [one.facts["message"] for one in mails] == [message]


def test_operators_learn_of_money_that_could_not_go_back(session, deal, bob, dana, now):
    commitment_id = join(session, deal, bob, 1, now=now)
    event = happened(
        session,
        "RefundFailed",
        deal,
        now,
        commitment_id=commitment_id,
        facts={"amount_minor": 4000},
    )

    for _ in range(3):
        reactions.run(session, event.id, now=now)

    assert told(session, dana) == ["refund-failed"]
    assert told(session, bob) == []


@pytest.mark.parametrize(
    ("refund_minor", "message"), [(0, "delivered-short"), (500, "delivered-short-refund")]
)
def test_whoever_gets_less_learns_what_it_costs_less(
    session, deal, bob, now, refund_minor, message
):
    commitment_id = join(session, deal, bob, 1, now=now)
    facts = {"refund_minor": refund_minor, "currency": "EUR"}
    event = happened(session, "DeliveryShort", deal, now, commitment_id=commitment_id, facts=facts)

    reactions.run(session, event.id, now=now)

    assert told(session, bob) == [message]


def test_whoever_was_ticked_off_by_mistake_learns_of_it(session, deal, bob, charlie, now):
    commitment_id = join(session, deal, bob, 1, now=now)
    event = happened(session, "HandOverUndone", deal, now, commitment_id=commitment_id, facts={})

    reactions.run(session, event.id, now=now)

    assert told(session, bob) == ["hand-over-undone"]
    assert told(session, charlie) == []


def test_another_pick_up_is_told_to_all_who_take_part(session, deal, bob, charlie, now):
    join(session, deal, bob, 1, now=now)
    place = {"name": "Barn", "address": "Deichweg 2", "from_at": now.isoformat()}
    event = happened(session, "PickupChanged", deal, now, facts=place)

    reactions.run(session, event.id, now=now)

    assert told(session, bob) == ["pickup-changed"]
    assert told(session, charlie) == []


def test_a_large_deal_is_told_in_batches(app, session, deal, now, monkeypatch):
    from marketplace import jobs

    monkeypatch.setattr(audience, "BATCH", 2)
    crowd = [make.actor(session, f"M{number}", now=now) for number in range(5)]
    for actor in crowd:
        join(session, deal, actor, 1, now=now)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    event = happened(session, "GroupBuyTipped", deal, now, facts={})

    reactions.run(session, event.id, now=now)
    reactions.run(session, event.id, now=now)
    first = [told(session, actor) for actor in crowd]
    with app.app_context():
        jobs.run_due(at=now)

    assert first == [["tipped"]] * 2 + [[]] * 3
    assert [told(session, actor) for actor in crowd] == [["tipped"]] * 5


def test_a_question_reaches_the_organiser_and_the_answer_the_asker(
    session, deal, alice, bob, charlie, now
):
    question = make_talk.ask(session, deal, body="Cold?", lang="en", actor=charlie, now=now)
    make_talk.answer(session, deal, question.id, body="Yes", lang="en", actor=alice, now=now)

    react(session, "CommentMade", now=now, times=3)
    react(session, "CommentAnswered", now=now, times=3)

    assert told(session, alice) == ["asked"]
    assert told(session, charlie) == ["answered"]
    assert told(session, bob) == []


def test_nobody_is_told_their_own_answer(session, deal, charlie, now):
    question = make_talk.ask(session, deal, body="Cold?", lang="en", actor=charlie, now=now)
    make_talk.answer(session, deal, question.id, body="Found it", lang="en", actor=charlie, now=now)

    react(session, "CommentAnswered", now=now)

    assert told(session, charlie) == []


def test_a_word_to_all_reaches_all_who_joined(session, deal, alice, bob, charlie, now):
    join(session, deal, bob, 1, now=now)
    make_talk.announce(session, deal, body="At 6", lang="en", actor=alice, now=now)

    react(session, "AnnouncementMade", now=now, times=3)

    assert told(session, bob) == mailed(session, bob) == ["announced"]
    assert told(session, charlie) == []


def test_what_was_hidden_meanwhile_is_not_passed_on(session, deal, alice, charlie, now):
    question = make_talk.ask(session, deal, body="Rude", lang="en", actor=charlie, now=now)
    dialogue.hide(session, question.id, actor=charlie, now=now)

    react(session, "CommentMade", now=now)

    assert told(session, alice) == []


def test_reports_call_moderators_and_are_answered(session, deal, alice, bob, dana, now):
    deal_reported = disputes.find_target(session, Target.COLLABORATION, deal.id, actor=bob)
    first = disputes.report(
        session, deal_reported, ground=Ground.FRAUD, body="Odd.", actor=bob, now=now
    )
    disputes.report(
        session,
        deal_reported,
        ground=Ground.FRAUD,
        body="Odd.",
        actor=None,
        name="Zoe",
        email="zoe@example.org",
        locale="nl",
        now=now,
    )
    react(session, "TargetReported", now=now, times=3)
    disputes.decide(
        session,
        first.case_id,
        measure=Measure.PAUSED,
        reason="The supplier is unknown.",
        actor=dana,
        now=now,
    )
    react(session, "CaseDecided", now=now, times=3)

    assert Role.MODERATOR in dana.member.roles
    assert told(session, dana) == ["case-reported"]
    assert told(session, bob) == ["report-received", "report-decided-paused"]
    assert told(session, alice) == ["measure-paused"]
    by_mail = select(Mail).filter_by(to_address="zoe@example.org").order_by(Mail.id)
    letters = session.scalars(by_mail).all()
    assert [mail.facts["message"] for mail in letters] == [
        "report-received",
        "report-decided-paused",
    ]
    assert {mail.locale for mail in letters} == {"nl"}


def test_an_event_nobody_reacts_to_is_no_error(session, deal, now):
    event = happened(session, "SomethingElse", deal, now, facts={})

    reactions.run(session, event.id, now=now)
    reactions.run(session, event.id + 1, now=now)

    assert session.scalars(select(Notice)).all() == []


def test_who_orders_in_a_deal_of_theirs_is_not_told_what_they_did(session, deal, alice, bob, now):
    for actor in (alice, bob):
        join(session, deal, actor, 1, now=now)
    event = happened(session, "GroupBuyPaused", deal, now, member_id=alice.member.id)

    reactions.run(session, event.id, now=now)

    assert told(session, bob) == ["paused"]
    assert told(session, alice) == []
