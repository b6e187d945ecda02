"""Alice organises olive oil; Bob has joined, Charlie asks, Dana moderates."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.collaborations import NotTheOrganiser, Visibility
from models.dialogue import Mark, NothingToAnswer, NotYoursToHide, TooManyMessages
from models.errors import NotFound
from models.events import Event
from models.members import NotConfirmed
from services import buying, dialogue
from tests import make, make_talk
from tests.counting import counted
from tests.make_buying import group_buy, join
from tests.make_members import unconfirmed


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, now=now)


def ask(session, deal, actor, body="Is it cold pressed?", *, now):
    return make_talk.ask(session, deal, body=body, lang="en", actor=actor, now=now)


def read(session, deal, actor):
    return [one.body for one in make_talk.thread(session, deal, actor).comments]


def test_a_question_and_its_answer_are_read_by_all(session, deal, alice, charlie, now):
    question = ask(session, deal, charlie, now=now)
    answer = make_talk.answer(
        session, deal, question.id, body="Yes.", lang="en", actor=alice, now=now
    )

    thread = make_talk.thread(session, deal, None)

    assert thread.comments == [question]
    assert thread.answers == {question.id: [answer]}
    assert (question.mark, answer.mark) == (Mark.NONE, Mark.ORGANISER)
    assert session.scalars(
        select(Event.kind).where(Event.kind.like("Comment%")).order_by(Event.id)
    ).all() == ["CommentMade", "CommentAnswered"]


def test_a_word_to_all_who_joined_is_for_them_alone(session, deal, alice, bob, charlie, now):
    join(session, deal, bob, 1, now=now)

    make_talk.announce(session, deal, body="It comes at 6.", lang="en", actor=alice, now=now)

    assert read(session, deal, bob) == read(session, deal, alice) == ["It comes at 6."]
    assert read(session, deal, charlie) == read(session, deal, None) == []


def test_only_organisers_write_to_all(session, deal, bob, now):
    with pytest.raises(NotTheOrganiser):
        make_talk.announce(session, deal, body="Hello", lang="en", actor=bob, now=now)


def test_only_a_question_of_the_same_deal_can_be_answered(session, deal, alice, bob, now):
    other = group_buy(session, alice, title="Coffee", now=now)
    question = ask(session, deal, bob, now=now)
    answer = make_talk.answer(
        session, deal, question.id, body="No", lang="en", actor=alice, now=now
    )

    for where, what in ((other, question.id), (deal, answer.id), (deal, 0)):
        with pytest.raises(NothingToAnswer):
            make_talk.answer(session, where, what, body="x", lang="en", actor=bob, now=now)


def test_whoever_may_not_know_of_a_deal_cannot_ask(session, alice, charlie, dana, now):
    hidden = group_buy(session, alice, visibility=Visibility.NAMED, now=now)

    with pytest.raises(NotFound):
        ask(session, hidden, charlie, now=now)
    with pytest.raises(NotFound):
        dialogue.find_deal(session, hidden.slug, actor=None)
    assert dialogue.find_deal(session, hidden.slug, actor=dana).deal is hidden


def test_whoever_may_know_of_a_deal_reads_its_thread(session, alice, charlie, now):
    mill = make.organisation(session, "Mill", owner=charlie, now=now)
    hidden = group_buy(
        session, alice, visibility=Visibility.NAMED, supplier_id=mill.participant.id, now=now
    )

    assert buying.find(session, hidden.slug, actor=mill) is hidden
    assert ask(session, hidden, mill, now=now).id is not None


def test_a_moderator_reads_no_draft_and_nothing_beside_it(session, alice, dana, now):
    draft = group_buy(session, alice, published=False, now=now)

    with pytest.raises(NotFound):
        buying.find(session, draft.slug, actor=dana)
    with pytest.raises(NotFound):
        dialogue.find_deal(session, draft.slug, actor=dana)
    with pytest.raises(NotFound):
        ask(session, draft, dana, now=now)


def test_only_a_confirmed_address_writes(session, deal, alice, now):
    greta = unconfirmed(session, "Greta", now=now)
    question = ask(session, deal, alice, now=now)

    with pytest.raises(NotConfirmed):
        ask(session, deal, greta, now=now)
    with pytest.raises(NotConfirmed):
        make_talk.answer(session, deal, question.id, body="x", lang="en", actor=greta, now=now)


def test_a_link_opens_the_thread_too(session, alice, charlie, now):
    linked = group_buy(session, alice, visibility=Visibility.LINK, now=now)

    found = dialogue.find_deal(session, linked.slug, actor=charlie, link_key=linked.link_key)

    assert found.deal is linked
    with pytest.raises(NotFound):
        dialogue.find_deal(session, linked.slug, actor=charlie)


def test_nobody_floods_a_thread(session, deal, bob, charlie, now):
    for number in range(dialogue.MOST_IN_AN_HOUR):
        ask(session, deal, bob, f"Question {number}", now=now)

    with pytest.raises(TooManyMessages):
        ask(session, deal, bob, now=now + timedelta(minutes=59))
    ask(session, deal, charlie, now=now)
    ask(session, deal, bob, now=now + timedelta(hours=1))


def test_one_takes_back_ones_own_message(session, deal, bob, charlie, dana, now):
    mine = ask(session, deal, bob, "Oops", now=now)
    another = ask(session, deal, bob, "Rude", now=now)

    with pytest.raises(NotYoursToHide):
        dialogue.hide(session, mine.id, actor=charlie, now=now)
    dialogue.hide(session, mine.id, actor=bob, now=now)
    dialogue.hide(session, another.id, actor=dana, now=now)

    assert read(session, deal, bob) == []


def test_a_hidden_question_keeps_its_place_while_it_has_answers(session, deal, alice, bob, now):
    question = ask(session, deal, bob, now=now)
    make_talk.answer(session, deal, question.id, body="Yes", lang="en", actor=alice, now=now)

    dialogue.hide(session, question.id, actor=bob, now=now)

    [kept] = make_talk.thread(session, deal, None).comments
    assert kept.hidden_at == now


def test_a_thread_goes_on_where_a_page_ends(session, deal, bob, now):
    for number in range(5):
        ask(session, deal, bob, str(number), now=now)

    subject = make_talk.subject(session, deal, None)
    first = dialogue.thread(session, subject, limit=3)
    rest = dialogue.thread(session, subject, limit=3, before=first.before)

    assert [one.body for one in (*first.comments, *rest.comments)] == ["4", "3", "2", "1", "0"]
    assert rest.before is None


def test_a_thread_is_read_with_three_statements(session, deal, bob, charlie, now):
    for actor in (bob, charlie):
        for number in range(8):
            ask(session, deal, actor, str(number), now=now)
    session.flush()
    session.expire_all()
    subject = dialogue.find_deal(session, deal.slug, actor=None)

    with counted(session) as statements:
        dialogue.thread(session, subject)

    assert len(statements) <= 3
