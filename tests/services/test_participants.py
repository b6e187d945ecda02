"""Who someone says they are, what they did here, and who acts in whose name."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from importlib.resources import files

import pytest
from sqlalchemy import case, create_engine, select, update
from sqlalchemy.orm import Session

from models.collaborations import Commitment, CommitmentState, Visibility
from models.errors import NotFound
from models.events import Event
from models.members import Member, NotConfirmed, Scope, TooManyTries
from models.participants import (
    AlreadyMember,
    Invitation,
    InvitationNotValid,
    LastOwner,
    MayNotActFor,
    MayNotEdit,
    Membership,
    MembershipRole,
    NotAnOwner,
    Participant,
    ParticipantKind,
    PlaceAmbiguous,
    PlaceUnknown,
    TraderDetailsMissing,
)
from services import geography, members, participants, places, sessions
from services.participants import Profile
from tests import make, make_buying
from tests.conftest import driver_url
from tests.make_members import (
    PASSWORD,
    mails_to,
    session_behind,
    token_in,
    unconfirmed,
    with_password,
)

OWNER, MANAGER, AGENT = MembershipRole
SEED = files("marketplace") / "seed" / "places.csv.gz"
TRADER = {"legal_name": "Hof Nord GmbH", "address": "Deich 1", "email": "hof@example.org"}


@pytest.fixture
def co_op(session, alice, now):
    """Alice's organisation, as she acts for it."""
    return make.organisation(session, "Speicher", owner=alice, now=now)


@pytest.fixture
def towns(session):
    wanted = {"Bremerhaven", "München", "Neuenkirchen", "Halle", "Halle (Saale)", "Amsterdam"}
    geography.load(session, [row for row in places.read_seed(SEED) if row.name in wanted])


def belong(session, organisation, actor, role, now):
    session.add(
        Membership(
            organisation_id=organisation.id, member_id=actor.member.id, role=role, since_at=now
        )
    )
    session.flush()
    return sessions.actor_of(session, actor.member, organisation.id)


def membership(session, organisation, actor):
    return session.scalars(
        select(Membership).filter_by(organisation_id=organisation.id, member_id=actor.member.id)
    ).one()


def edit(session, actor, now, participant=None, **said):
    participants.edit(
        session,
        participant or actor.participant,
        Profile(**{"name": "Alice", **said}),
        actor=actor,
        now=now,
    )


# The public page


def test_a_page_says_what_its_owner_said(session, alice, towns, now):
    edit(
        session,
        alice,
        now,
        name="Älice",
        about="I bake.",
        languages=["de", "nl", "de"],
        skills=["Baking"],
        place="Bremerhaven",
    )

    found = participants.find(session, alice.participant.slug)
    assert (found.name, found.name_key) == ("Älice", "alice")
    assert found.languages == ["de", "nl"]
    assert found.place_name == "Bremerhaven"
    assert session.scalars(select(Event.kind)).all() == ["ProfileEdited"]


def test_a_place_is_kept_rounded_to_a_kilometre(session, alice, towns, now):
    edit(session, alice, now, place="Munich")

    assert alice.participant.place_name == "München"
    assert alice.participant.latitude == round(alice.participant.latitude, 2)
    assert alice.participant.latitude == pytest.approx(48.14, abs=0.02)


def test_a_place_can_be_taken_away_again(session, alice, now):
    edit(session, alice, now, place="")

    assert (alice.participant.place_name, alice.participant.latitude) == ("", None)


def test_a_place_that_stays_is_not_asked_for_again(session, alice, towns, now):
    alice.participant.place_name = "Neuenkirchen"

    edit(session, alice, now, place="Neuenkirchen")

    assert alice.participant.latitude == make.BREMERHAVEN[0]


@pytest.mark.parametrize("text", ["Atlantis", "🦊", ",", "%", "Bremerhaven, Bayern"])
def test_a_place_nobody_knows_is_refused_at_its_field(session, alice, towns, now, text):
    with pytest.raises(PlaceUnknown) as refusal:
        edit(session, alice, now, place=text)

    assert refusal.value.code == "place-unknown"
    assert refusal.value.fields == {"place": PlaceUnknown.message}


def test_several_places_of_one_name_are_offered_for_choice(session, alice, towns, now):
    with pytest.raises(PlaceAmbiguous) as refusal:
        edit(session, alice, now, place="neuenkirchen")

    choices = geography.candidates(session, "neuenkirchen")
    assert refusal.value.code == "place-ambiguous"
    assert len({one.label for one in choices}) == len(choices) > 5
    assert choices[-1].label in refusal.value.facts["choices"]
    edit(session, alice, now, place="Neuenkirchen", place_id=choices[-1].id)
    assert alice.participant.latitude == choices[-1].point.latitude


def test_a_label_that_was_chosen_names_one_place(session, towns):
    for choice in geography.candidates(session, "Neuenkirchen"):
        assert geography.resolve(session, choice.label) == choice


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("breme", "Bremerhaven, Bremen, DE"),
        ("munich", "München, Bayern, DE"),
        ("MÜNCH", "München, Bayern, DE"),
        ("amsterdam, nl", "Amsterdam, Noord-Holland, NL"),
    ],
)
def test_places_are_suggested_while_they_are_typed(session, towns, typed, first):
    assert geography.suggest(session, typed)[0].label == first


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Neuenkirchn", "Neuenkirchen"),
        ("amsterdm", "Amsterdam"),
        ("Amsterdam, DE", "Amsterdam"),
        ("Muenchen", "München"),
    ],
)
def test_at_most_five_places_are_offered_for_a_name_nobody_knows(session, towns, typed, meant):
    offered = geography.similar(session, typed)

    assert 1 <= len(offered) <= 5
    assert {one.name for one in offered} == {meant}
    assert geography.resolve(session, typed, place_id=offered[-1].id) == offered[-1]


@pytest.mark.parametrize("typed", ["", "b", "%%", "_", "Xyzzy", "🦊"])
def test_no_place_is_offered_for_what_resembles_none(session, towns, typed):
    assert geography.similar(session, typed) == []


@pytest.mark.parametrize("typed", ["", "b", "%%", "_", "amsterdam, de"])
def test_nothing_is_suggested_for_too_little(session, towns, typed):
    assert geography.suggest(session, typed) == []


def test_places_are_loaded_twice_without_harm(session):
    rows = list(places.read_seed(SEED))[:1500]

    assert geography.load(session, rows) == geography.load(session, rows) == 1500
    assert geography.are_loaded(session)


def test_a_trader_says_who_they_are(session, alice, now):
    with pytest.raises(TraderDetailsMissing) as refusal:
        edit(session, alice, now, is_trader=True, trader_details={"legal_name": "Hof Nord"})
    assert refusal.value.code == "trader-details-missing"
    assert set(refusal.value.fields) == {"address", "email"}

    edit(session, alice, now, is_trader=True, trader_details={**TRADER, "phone": ""})
    assert alice.participant.trader_details == TRADER

    edit(session, alice, now, is_trader=False, trader_details=TRADER)
    assert alice.participant.trader_details == {}


def test_guests_and_those_who_are_gone_have_no_page(session, alice, now):
    guest = make.participant(
        session, "Gast", kind=ParticipantKind.GUEST, kept_by_id=alice.participant.id, now=now
    )
    gone = make.participant(session, "Gone", erased_at=now, now=now)

    for slug in (guest.slug, gone.slug, "never-was"):
        with pytest.raises(NotFound):
            participants.find(session, slug)


def in_deal(session, deal, actor, state, now):
    """Let `actor` have joined the deal, whatever became of it since."""
    commitment = session.get(Commitment, make_buying.join(session, deal, actor, now=now))
    commitment.state = state
    session.flush()


def test_what_someone_did_is_told_once_it_was_decided_and_public(session, alice, bob, now):
    def deal(title, visibility=Visibility.PUBLIC, organiser=alice):
        return make_buying.group_buy(
            session, organiser, title=title, visibility=visibility, now=now
        )

    in_deal(session, deal("decided"), bob, CommitmentState.IN, now)
    in_deal(session, deal("done"), bob, CommitmentState.FULFILLED, now)
    in_deal(session, deal("only wished for"), bob, CommitmentState.ACTIVE, now)
    in_deal(session, deal("by link", Visibility.LINK), alice, CommitmentState.IN, now)
    in_deal(session, deal("own", organiser=bob), bob, CommitmentState.IN, now)
    make_buying.group_buy(session, bob, title="draft", published=False, now=now)

    of_bob = participants.deeds_of(session, bob.participant)
    of_alice = participants.deeds_of(session, alice.participant)

    assert [one.title for one in of_bob.taken_part] == ["done", "decided"]
    assert [one.title for one in of_bob.organised] == ["own"]
    assert [one.title for one in of_alice.taken_part] == []
    assert [one.title for one in of_alice.organised] == ["only wished for", "done", "decided"]


# Organisations


def test_who_opens_an_organisation_owns_it(session, alice, now):
    organisation = participants.open_organisation(session, "Speicher", actor=alice, now=now)

    actor = sessions.actor_of(session, alice.member, organisation.id)
    assert actor.participant is organisation
    assert actor.owns(organisation.id)


def test_an_unconfirmed_member_opens_no_organisation(session, now):
    greta = unconfirmed(session, "Greta", now=now)

    with pytest.raises(NotConfirmed):
        participants.open_organisation(session, "Speicher", actor=greta, now=now)


MAY = {
    OWNER: {"look", "edit", "picture", "invite", "withdraw", "role", "remove", "leave", "act"},
    MANAGER: {"look", "edit", "picture", "leave", "act"},
    AGENT: {"look", "leave", "act"},
    None: set(),
}
REFUSAL = {
    "look": MayNotActFor,
    "edit": MayNotEdit,
    "picture": MayNotEdit,
    "invite": NotAnOwner,
    "withdraw": NotAnOwner,
    "role": NotAnOwner,
    "remove": NotAnOwner,
    "leave": MayNotActFor,
    "act": MayNotActFor,
}


@pytest.mark.parametrize("action", sorted(REFUSAL))
@pytest.mark.parametrize("role", list(MAY))
def test_who_may_do_what(session, co_op, alice, bob, charlie, now, role, action):
    organisation = co_op.participant
    belong(session, organisation, charlie, AGENT, now)
    invitation = participants.invite(
        session, organisation, "first@example.org", AGENT, actor=co_op, now=now
    )
    actor = belong(session, organisation, bob, role, now) if role else bob
    of_charlie = membership(session, organisation, charlie).id

    def attempt():
        match action:
            case "look":
                participants.find_organisation(session, organisation.slug, actor=actor)
            case "edit":
                edit(session, actor, now, organisation, name="Speicher")
            case "picture":
                participants.remove_picture(session, organisation, actor=actor)
            case "invite":
                participants.invite(session, organisation, "e@x.org", AGENT, actor=actor, now=now)
            case "withdraw":
                participants.withdraw(session, organisation, invitation.id, actor=actor, now=now)
            case "role":
                participants.change_role(
                    session, organisation, of_charlie, MANAGER, actor=actor, now=now
                )
            case "remove":
                participants.remove(session, organisation, of_charlie, actor=actor, now=now)
            case "leave":
                participants.leave(session, organisation, actor=actor, now=now)
            case "act":
                token = sessions.start(session, bob.member, user_agent="", now=now)
                signed_in = session_behind(session, token, now=now)
                sessions.act_as(signed_in, organisation.id, actor)

    if action in MAY[role]:
        attempt()
    else:
        with pytest.raises(REFUSAL[action]) as refusal:
            attempt()
        assert (
            refusal.value.code
            == {
                MayNotActFor: "may-not-act-for",
                MayNotEdit: "may-not-edit",
                NotAnOwner: "not-an-owner",
            }[REFUSAL[action]]
        )


@pytest.mark.parametrize("act", ["look", "invite", "withdraw", "role", "remove", "leave"])
def test_a_program_of_one_organisation_governs_no_other(
    session, co_op, alice, bob, charlie, now, act
):
    other = make.organisation(session, "Other", owner=alice, now=now)
    for one in (co_op, other):
        belong(session, one.participant, bob, OWNER, now)
        belong(session, one.participant, charlie, AGENT, now)

    for governed, refusal in (
        (other, None),
        (co_op, MayNotActFor if act in ("look", "leave") else NotAnOwner),
    ):
        organisation, program = governed.participant, other.bound()
        of_charlie = membership(session, organisation, charlie).id
        invitation = participants.invite(
            session, organisation, "first@example.org", AGENT, actor=governed, now=now
        )
        attempt = {
            "look": partial(participants.find_organisation, session, organisation.slug),
            "invite": partial(
                participants.invite, session, organisation, "e@x.org", AGENT, now=now
            ),
            "withdraw": partial(
                participants.withdraw, session, organisation, invitation.id, now=now
            ),
            "role": partial(
                participants.change_role, session, organisation, of_charlie, MANAGER, now=now
            ),
            "remove": partial(participants.remove, session, organisation, of_charlie, now=now),
            "leave": partial(participants.leave, session, organisation, now=now),
        }[act]
        if refusal is None:
            attempt(actor=program)
        else:
            with pytest.raises(refusal):
                attempt(actor=program)


def test_whoever_is_the_last_owner_by_now_does_not_leave(session, co_op, bob, now):
    organisation = co_op.participant
    as_bob = belong(session, organisation, bob, MANAGER, now)
    known = [membership(session, organisation, one) for one in (co_op, bob)]
    # As another session would, while this one waits for the lock.
    swapped = case((Membership.role == OWNER, MANAGER), else_=OWNER).cast(Membership.role.type)
    session.connection().execute(update(Membership).values(role=swapped))
    assert [one.role for one in known] == [OWNER, MANAGER]

    with pytest.raises(LastOwner):
        participants.leave(session, organisation, actor=as_bob, now=now)


def test_the_last_owner_neither_leaves_nor_steps_down_nor_is_removed(session, co_op, bob, now):
    organisation = co_op.participant
    belong(session, organisation, bob, MANAGER, now)
    own = membership(session, organisation, co_op).id

    for attempt in (
        lambda: participants.leave(session, organisation, actor=co_op, now=now),
        lambda: participants.remove(session, organisation, own, actor=co_op, now=now),
        lambda: participants.change_role(session, organisation, own, MANAGER, actor=co_op, now=now),
    ):
        with pytest.raises(LastOwner) as refusal:
            attempt()
        assert refusal.value.code == "last-owner"

    of_bob = membership(session, organisation, bob).id
    participants.change_role(session, organisation, of_bob, OWNER, actor=co_op, now=now)
    participants.leave(session, organisation, actor=co_op, now=now)


@pytest.mark.race
def test_two_owners_who_leave_at_once_leave_one_behind(real_database, now):
    engine = create_engine(driver_url(real_database))
    with Session(engine, expire_on_commit=False) as session:
        owners = [make.actor(session, name, now=now) for name in ("Alice", "Bob")]
        organisation = make.organisation(session, "Speicher", owner=owners[0], now=now).participant
        belong(session, organisation, owners[1], OWNER, now)
        session.commit()

    def leave(owner):
        with Session(engine) as session:
            actor = sessions.actor_of(session, session.get(Member, owner.member.id))
            found = participants.find_organisation(
                session, organisation.slug, actor=actor, lock=True
            )
            try:
                participants.leave(session, found, actor=actor, now=now)
            except LastOwner:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, owners))
    engine.dispose()

    assert sorted(left) == [False, True]


def test_who_leaves_acts_no_longer_in_its_name(session, co_op, bob, now):
    organisation = co_op.participant
    actor = with_password(belong(session, organisation, bob, AGENT, now))
    token = sessions.start(session, bob.member, user_agent="", now=now)
    signed_in = session_behind(session, token, now=now)
    sessions.act_as(signed_in, organisation.id, actor)
    session.flush()
    _token, text = members.make_token(
        session, actor=actor, name="t", scopes=[Scope.READ], current_password=PASSWORD, now=now
    )

    participants.leave(session, organisation, actor=actor, now=now)
    session.expire_all()

    assert signed_in.acting_as_id is None
    assert sessions.find_api_token(session, text) is None


def test_a_membership_of_another_organisation_is_not_found(session, co_op, bob, now):
    theirs = make.organisation(session, "Theirs", owner=bob, now=now)
    of_bob = membership(session, theirs.participant, bob).id

    with pytest.raises(NotFound):
        participants.remove(session, co_op.participant, of_bob, actor=co_op, now=now)
    with pytest.raises(NotFound):
        participants.find_organisation(session, bob.participant.slug, actor=bob)


# Invitations


def invite(session, co_op, now, email="eva@example.org", role=AGENT):
    participants.invite(session, co_op.participant, email, role, actor=co_op, now=now)
    return token_in(mails_to(session, email)[-1])


def test_an_invitation_is_accepted_once(session, co_op, bob, charlie, now):
    token = invite(session, co_op, now, role=MANAGER)

    participants.accept(session, token, actor=bob, now=now)

    assert membership(session, co_op.participant, bob).role == MANAGER
    with pytest.raises(InvitationNotValid) as refusal:
        participants.accept(session, token, actor=charlie, now=now)
    assert refusal.value.code == "invitation-not-valid"


@pytest.mark.parametrize("end", ["withdrawn", "declined", "too old", "invited again"])
def test_an_invitation_that_ended_opens_nothing(session, co_op, bob, now, end):
    token = invite(session, co_op, now)
    moment = now
    match end:
        case "withdrawn":
            found = session.scalars(select(Invitation)).one()
            participants.withdraw(session, co_op.participant, found.id, actor=co_op, now=now)
        case "declined":
            participants.decline(session, token, actor=None, now=now)
        case "too old":
            moment = now + timedelta(days=14)
        case "invited again":
            assert invite(session, co_op, now) != token

    for attempt in (
        lambda: participants.accept(session, token, actor=bob, now=moment),
        lambda: participants.decline(session, token, actor=bob, now=moment),
        lambda: participants.find_invitation(session, token, now=moment),
    ):
        with pytest.raises(InvitationNotValid):
            attempt()


@pytest.mark.parametrize("end", ["left", "removed", "demoted"])
def test_whoever_is_no_owner_any_more_has_invited_nobody(session, co_op, bob, charlie, now, end):
    organisation = co_op.participant
    as_bob = belong(session, organisation, bob, OWNER, now)
    theirs = make.organisation(session, "Theirs", owner=bob, now=now)
    token = invite(session, as_bob, now, "bob@elsewhere.org", OWNER)
    elsewhere = invite(session, theirs, now, "dora@example.org")
    of_alice = invite(session, co_op, now)
    of_bob = membership(session, organisation, bob).id

    match end:
        case "left":
            participants.leave(session, organisation, actor=as_bob, now=now)
        case "removed":
            participants.remove(session, organisation, of_bob, actor=co_op, now=now)
        case "demoted":
            participants.change_role(session, organisation, of_bob, AGENT, actor=co_op, now=now)

    with pytest.raises(InvitationNotValid):
        participants.accept(session, token, actor=charlie, now=now)
    ended = session.scalars(select(Event).filter_by(kind="InvitationEnded")).all()
    assert len(ended) == 1
    for kept in (of_alice, elsewhere):
        participants.accept(session, kept, actor=charlie, now=now)


def test_who_belongs_already_leaves_the_invitation_to_others(session, co_op, bob, now):
    token = invite(session, co_op, now)

    with pytest.raises(AlreadyMember) as refusal:
        participants.accept(session, token, actor=co_op, now=now)

    assert refusal.value.code == "already-member"
    assert participants.accept(session, token, actor=bob, now=now) is co_op.participant


def test_an_invitation_of_another_organisation_is_not_withdrawn(session, co_op, bob, now):
    invite(session, co_op, now)
    theirs = make.organisation(session, "Theirs", owner=bob, now=now)
    invitation = session.scalars(select(Invitation)).one()

    with pytest.raises(NotFound):
        participants.withdraw(session, theirs.participant, invitation.id, actor=theirs, now=now)


def test_an_organisation_mails_fifty_invitations_a_day(session, co_op, now):
    for n in range(50):
        count(session, co_op.participant, make.actor(session, f"Owner {n}", now=now), now, f"{n}@x")

    with pytest.raises(TooManyTries):
        count(session, co_op.participant, co_op, now)


def test_who_founds_several_organisations_mails_no_more_for_it(session, co_op, alice, now):
    others = [
        make.organisation(session, f"Co-op {n}", owner=alice, now=now).participant for n in range(2)
    ]
    for n in range(50):
        count(session, others[n % 2], alice, now, f"{n}@example.org")

    with pytest.raises(TooManyTries):
        count(session, co_op.participant, alice, now)


def test_one_address_is_invited_five_times_a_day_at_most(session, co_op, alice, bob, now):
    for email in ("eva@example.org", "Eva@example.org") * 2:
        count(session, co_op.participant, alice, now, email)
    count(session, make.organisation(session, "Other", owner=bob, now=now).participant, bob, now)

    with pytest.raises(TooManyTries):
        count(session, co_op.participant, alice, now)


def count(session, organisation, actor, now, email="eva@example.org"):
    participants.count_invitation(session, organisation, email, actor=actor, now=now)


def test_participants_are_made_with_free_addresses(session, now):
    made = {
        participants.make(session, "Anna", kind=ParticipantKind.PERSON, lang="de", now=now).slug
        for _ in range(5)
    }

    assert len(made) == 5
    assert session.scalars(select(Participant.name_key)).all() == ["anna"] * 5
