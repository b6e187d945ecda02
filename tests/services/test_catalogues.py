"""Alice keeps the catalogue of a wholesaler; lists come in, are looked at, and kept or not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.catalogues import (
    ArticleReplaced,
    CatalogueArticle,
    CatalogueVersion,
    ListWaiting,
    MayNotEditCatalogue,
    NothingCurrent,
    VersionState,
)
from models.errors import Invalid, NotFound
from models.events import Event
from models.lifecycle import NotInThisState
from models.participants import MembershipRole
from services import catalogues
from services.catalogues import Cover, Kind, Upload, VatRates
from tests import make
from tests.make_catalogues import (
    HEADER,
    JUICE,
    OIL,
    RICE,
    bread,
    catalogue,
    csv,
    in_organisation,
    kept,
    many,
    read,
    uploaded,
)
from tests.pricelists.lists import APPLES, bnn

CHEAPER_OIL = OIL.replace("9.80", "9.50")


@pytest.fixture
def biohof(session, alice, now):
    return catalogue(session, alice, now=now)


def names(session, version, **filters):
    return [one.name for one in catalogues.articles(session, version, **filters).rows]


def articles_kept(session):
    return session.scalar(select(func.count()).select_from(CatalogueArticle))


# Uploading and reading


def test_an_upload_is_read_by_a_job_and_waits_to_be_looked_at(session, app, biohof, alice, now):
    version = catalogues.upload(
        session, biohof, Upload(csv(OIL, JUICE), VatRates(700, 1900), "w.csv"), actor=alice, now=now
    )
    assert version.state == VersionState.READING

    from marketplace import jobs

    with app.app_context():
        jobs.run_due(at=now)

    session.refresh(version)
    assert (version.state, version.articles_count) == (VersionState.PREVIEW, 2)
    assert (version.read_count, version.total_count) == (3, 3)
    assert names(session, version) == ["Olive oil", "Apple juice"]
    assert catalogues.current(session, biohof) is None


def test_a_job_that_runs_twice_reads_once(session, biohof, alice, now):
    version = uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    assert catalogues.unread(session, version.id) is None


def test_the_file_itself_is_forgotten_once_it_is_read(session, biohof, alice, now):
    version = uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    session.refresh(version, ["upload"])
    assert version.upload is None


def test_a_faulty_line_is_left_out_and_says_why(session, biohof, alice, now):
    version = uploaded(
        session, biohof, csv(OIL, JUICE.replace("2.40", "cheap"), RICE), actor=alice, now=now
    )

    assert names(session, version) == ["Olive oil", "Rice"]
    assert version.left_out_count == 1
    [problem] = version.problems
    assert (problem["line"], problem["column"]) == (3, "price")
    assert "cheap" in catalogues.sentence(problem) % problem["facts"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\n\n", "empty"),
        (b"Dear sir,\nplease find enclosed\n", "not-a-price-list"),
        (b"order_number;name\n1;Oil\n", "missing-columns"),
        (b"PK\x03\x04" + bytes(400), "wrong-kind"),
        (csv(OIL.replace("Olive", "Öl")).decode().encode("latin-1"), "not-utf8"),
        (csv(OIL)[:-1] + b"\n" + b"x" * 10 * 1024**2, "line-too-long"),
        (csv(OIL) + b'104;"Oil', "cut-off"),
        (csv(), "no-articles"),
        (csv(*["x"] * 60_001), "too-many-lines"),
        (bnn(APPLES, header="BNN;3;{flag};X;T;L;USD;;;;;1"), "currency-differs"),
        (bnn(APPLES).replace(b"BNN;3", b"BNN;4"), "bnn-version"),
    ],
)
def test_of_a_file_that_cannot_be_trusted_nothing_is_kept(
    session, biohof, alice, now, content, code
):
    version = uploaded(session, biohof, content, actor=alice, now=now)

    assert version.state == VersionState.FAULTY
    assert version.problems[0]["code"] == code
    assert catalogues.sentence(version.problems[0]) % version.problems[0]["facts"]
    assert articles_kept(session) == 0
    with pytest.raises(NotInThisState):
        catalogues.keep(session, biohof, version, actor=alice, now=now)


def test_an_empty_or_huge_file_is_refused_at_once(session, biohof, alice, now):
    for content in (b"", b"x" * (16 * 1024**2 + 1)):
        with pytest.raises(Invalid) as refusal:
            catalogues.upload(
                session, biohof, Upload(content, VatRates(700, 1900)), actor=alice, now=now
            )
        assert "file" in refusal.value.fields


def test_a_faulty_list_gives_way_to_the_next_upload(session, biohof, alice, now):
    faulty = uploaded(session, biohof, b"no list\n", actor=alice, now=now)
    number = faulty.number

    version = uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    assert version.number == number + 1
    assert [one.number for one in catalogues.versions(session, biohof).rows] == [version.number]


def test_no_second_list_comes_in_while_one_waits(session, biohof, alice, now):
    uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    with pytest.raises(ListWaiting):
        uploaded(session, biohof, csv(JUICE), actor=alice, now=now)


def test_a_number_is_never_given_twice(session, biohof, alice, now):
    thrown = uploaded(session, biohof, csv(OIL), actor=alice, now=now)
    catalogues.throw_away(session, biohof, thrown, actor=alice, now=now)

    assert uploaded(session, biohof, csv(OIL), actor=alice, now=now).number == 2


def test_a_list_thrown_away_while_it_is_read_stays_gone(session, biohof, alice, now):
    version = catalogues.upload(
        session, biohof, Upload(csv(OIL), VatRates(700, 1900)), actor=alice, now=now
    )
    unread = catalogues.unread(session, version.id)
    catalogues.throw_away(session, biohof, version, actor=alice, now=now)

    catalogues.keep_reading(session, unread.version_id, catalogues.parse(unread), now=now)

    assert articles_kept(session) == 0


def test_vat_codes_get_the_rates_that_were_sent_with_the_list(session, biohof, alice, now):
    version = catalogues.upload(
        session, biohof, Upload(bnn(APPLES), VatRates(900, 2100), "list.BNN"), actor=alice, now=now
    )
    read(session, version, now=now)

    [apples] = catalogues.articles(session, version).rows
    assert (apples.vat_basis_points, apples.price_minor) == (900, 153)
    assert catalogues.proposed_vat_rates(session, biohof) == VatRates(900, 2100)


@pytest.mark.parametrize("country", sorted(catalogues.VAT_RATES))
def test_a_catalogue_proposes_the_rates_of_its_country(session, alice, now, country):
    made = catalogue(session, alice, country=country, now=now)

    assert catalogues.proposed_vat_rates(session, made) == catalogues.VAT_RATES[country]


# Keeping and throwing away


def test_keeping_a_list_replaces_the_one_before(session, biohof, alice, now):
    first = kept(session, biohof, csv(OIL), actor=alice, now=now)
    second = kept(session, biohof, csv(OIL, JUICE), actor=alice, now=now)

    assert (first.state, second.state) == (VersionState.REPLACED, VersionState.CURRENT)
    assert catalogues.current(session, biohof) is second
    assert catalogues.before(session, second) is first


def test_a_list_is_kept_once(session, biohof, alice, now):
    version = kept(session, biohof, csv(OIL), actor=alice, now=now)

    with pytest.raises(NotInThisState):
        catalogues.keep(session, biohof, version, actor=alice, now=now)

    kinds = session.scalars(
        select(Event.kind).where(Event.kind.startswith("PriceList")).order_by(Event.id)
    ).all()
    assert kinds == ["PriceListUploaded", "PriceListKept"]


def test_what_is_thrown_away_leaves_nothing(session, biohof, alice, now):
    version = uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    catalogues.throw_away(session, biohof, version, actor=alice, now=now)

    assert articles_kept(session) == 0
    assert session.scalar(select(func.count()).select_from(CatalogueVersion)) == 0


def test_what_was_kept_is_not_thrown_away(session, biohof, alice, now):
    version = kept(session, biohof, csv(OIL), actor=alice, now=now)

    with pytest.raises(NotInThisState):
        catalogues.throw_away(session, biohof, version, actor=alice, now=now)


def test_what_nobody_decides_on_is_forgotten_after_a_week(session, biohof, alice, now):
    first = kept(session, biohof, csv(OIL), actor=alice, now=now)
    uploaded(session, biohof, csv(JUICE), actor=alice, now=now)

    assert catalogues.sweep(session, now=now + timedelta(days=7)) == 0
    assert catalogues.sweep(session, now=now + timedelta(days=7, seconds=1)) == 1

    assert list(session.scalars(select(CatalogueVersion))) == [first]


@pytest.mark.parametrize("state", list(VersionState))
@pytest.mark.parametrize("wanted", list(VersionState))
def test_a_list_moves_only_along_its_table(state, wanted):
    version = CatalogueVersion(state=state)
    allowed = {
        (VersionState.READING, VersionState.PREVIEW),
        (VersionState.READING, VersionState.FAULTY),
        (VersionState.PREVIEW, VersionState.CURRENT),
        (VersionState.CURRENT, VersionState.REPLACED),
    }

    assert version.can_move(wanted) == ((state, wanted) in allowed)


# Comparing


def test_a_new_list_says_what_changed(session, biohof, alice, now):
    old = kept(session, biohof, csv(OIL, JUICE, RICE), actor=alice, now=now)
    new = uploaded(
        session,
        biohof,
        csv(
            CHEAPER_OIL,
            RICE.replace("Rice;1 kg", "Brown rice;2 kg").replace("3.10", "4.00"),
            "104;Tea;50 g;1;4.00;7;;;;",
        ),
        actor=alice,
        now=now,
    )

    found = {one.order_number: one for one in catalogues.differences(session, old, new).rows}

    assert catalogues.counts(session, old, new) == {
        Kind.NEW: 1,
        Kind.GONE: 1,
        Kind.DEARER: 1,
        Kind.CHEAPER: 1,
        Kind.RENAMED: 1,
        Kind.CHANGED: 1,
    }
    assert found["101"].kinds == (Kind.CHEAPER,)
    assert (found["101"].price_before_minor, found["101"].price_minor) == (980, 950)
    assert found["102"].kinds == (Kind.GONE,)
    assert found["103"].kinds == (Kind.DEARER, Kind.RENAMED, Kind.CHANGED)
    assert (found["103"].name_before, found["103"].name) == ("Rice", "Brown rice")
    assert found["104"].kinds == (Kind.NEW,)


def test_other_words_about_what_is_in_the_food_are_a_change(session, biohof, alice, now):
    header = f"{HEADER};food_information"
    old = kept(session, biohof, csv(f"{RICE};Rice", header=header), actor=alice, now=now)

    new = uploaded(session, biohof, csv(f"{RICE};Rice, salt", header=header), actor=alice, now=now)

    [rice] = catalogues.differences(session, old, new).rows
    assert rice.kinds == (Kind.CHANGED,)


def test_differences_come_in_pages_and_by_kind(session, biohof, alice, now):
    old = kept(session, biohof, many(30), actor=alice, now=now)
    new = uploaded(session, biohof, many(35, price="2.70"), actor=alice, now=now)

    first = catalogues.differences(session, old, new, kind=Kind.DEARER, limit=20)
    rest = catalogues.differences(session, old, new, kind=Kind.DEARER, limit=20, after=first.after)

    numbers = [one.order_number for one in (*first.rows, *rest.rows)]
    assert rest.after is None
    assert sorted(numbers, key=int) == [str(n) for n in range(1, 31)]
    assert len(catalogues.differences(session, old, new, kind=Kind.NEW).rows) == 5


def test_the_first_list_is_all_new(session, biohof, alice, now):
    version = uploaded(session, biohof, csv(OIL, JUICE), actor=alice, now=now)

    assert catalogues.counts(session, None, version)[Kind.NEW] == 2


def test_what_a_part_of_a_list_does_not_name_stays(session, biohof, alice, now):
    pears = APPLES | {"order_number": "1002", "name": "Birnen"}
    kept(session, biohof, bnn(APPLES, pears), actor=alice, now=now)

    part = uploaded(
        session, biohof, bnn(APPLES | {"net_price": "1,50"}, end=None), actor=alice, now=now
    )

    assert (part.is_whole, part.carried_count, part.articles_count) == (False, 1, 2)
    assert names(session, part) == ["Äpfel Boskoop", "Birnen"]
    assert catalogues.counts(session, catalogues.current(session, biohof), part)[Kind.GONE] == 0


def test_an_article_that_the_supplier_takes_out_is_gone(session, biohof, alice, now):
    pears = APPLES | {"order_number": "1002", "name": "Birnen"}
    old = kept(session, biohof, bnn(APPLES, pears), actor=alice, now=now)

    new = uploaded(
        session, biohof, bnn(APPLES, pears | {"change": "X"}, end=None), actor=alice, now=now
    )

    assert names(session, new) == ["Äpfel Boskoop"]
    assert catalogues.counts(session, old, new)[Kind.GONE] == 1


def test_the_same_list_again_changes_nothing(session, biohof, alice, now):
    old = kept(session, biohof, csv(OIL, JUICE, RICE), actor=alice, now=now)

    again = uploaded(
        session, biohof, catalogues.export(session, old).encode(), actor=alice, now=now
    )

    assert not any(catalogues.counts(session, old, again).values())
    assert catalogues.export(session, again) == catalogues.export(session, old)


# Finding


def test_articles_are_found_by_words_category_and_page(session, biohof, alice, now):
    version = kept(session, biohof, csv(OIL, JUICE, RICE), actor=alice, now=now)

    assert names(session, version, words="oil OLIVE") == ["Olive oil"]
    assert names(session, version, words="103") == ["Rice"]
    assert names(session, version, words="100%_") == []
    # However much is sent, one statement looks for six words.
    assert names(session, version, words="oil " * 6 + "nowhere " * 500) == ["Olive oil"]
    assert names(session, version, category="Drinks") == ["Apple juice"]
    assert catalogues.categories(session, version) == [("Drinks", 1), ("Grain", 1), ("Oil", 1)]
    first = catalogues.articles(session, version, limit=2)
    assert names(session, version, after=first.after) == ["Rice"]


def test_my_catalogues_are_those_of_whom_i_act_as(session, biohof, alice, bob, now):
    coop = make.organisation(session, "Coop", owner=alice, now=now)
    theirs = catalogue(session, coop, name="Theirs", now=now)
    kept(session, theirs, csv(OIL), actor=coop, now=now)
    uploaded(session, theirs, csv(OIL), actor=coop, now=now)

    [mine] = catalogues.of_owner(session, actor=alice).rows
    [of_coop] = catalogues.of_owner(session, actor=coop).rows

    assert (mine.catalogue, mine.current, mine.undecided) == (biohof, None, None)
    assert (of_coop.current.number, of_coop.undecided.number) == (1, 2)
    assert catalogues.of_owner(session, actor=bob).rows == []


ACTS = {
    "describe": lambda s, c, v, a, t: catalogues.describe(s, c, Cover(name="New"), actor=a),
    "upload": lambda s, c, v, a, t: catalogues.upload(
        s, c, Upload(csv(OIL), VatRates(700, 1900)), actor=a, now=t
    ),
    "keep": lambda s, c, v, a, t: catalogues.keep(s, c, v, actor=a, now=t),
    "throw away": lambda s, c, v, a, t: catalogues.throw_away(s, c, v, actor=a, now=t),
    "type": lambda s, c, v, a, t: catalogues.add_article(s, c, bread(), actor=a, now=t),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ["owner", "manager", "agent", "stranger"])
def test_who_may_do_what(session, alice, bob, now, role, act):
    coop = make.organisation(session, "Coop", owner=alice, now=now)
    theirs = catalogue(session, coop, now=now)
    version = None
    if act in ("keep", "throw away"):
        version = uploaded(session, theirs, csv(OIL), actor=coop, now=now)
    actor = in_organisation(session, coop, bob, role, now=now) if role != "stranger" else bob

    if role == "stranger":
        with pytest.raises(NotFound):
            catalogues.find(session, theirs.id, actor=actor)
        with pytest.raises(MayNotEditCatalogue):
            ACTS[act](session, theirs, version, actor, now)
    else:
        assert catalogues.find(session, theirs.id, actor=actor) is theirs
        if role == "agent":
            with pytest.raises(MayNotEditCatalogue):
                ACTS[act](session, theirs, version, actor, now)
        else:
            ACTS[act](session, theirs, version, actor, now)


def test_an_agent_begins_no_catalogue(session, alice, bob, now):
    coop = make.organisation(session, "Coop", owner=alice, now=now)
    agent = in_organisation(session, coop, bob, MembershipRole.AGENT, now=now)

    with pytest.raises(MayNotEditCatalogue):
        catalogue(session, agent, now=now)


@pytest.mark.parametrize("wrong", [{"country": "XX"}, {"currency": "XYZ"}])
def test_a_cover_that_cannot_be_is_refused(session, alice, now, wrong):
    with pytest.raises(Invalid) as refusal:
        catalogue(session, alice, now=now, **wrong)

    assert set(refusal.value.fields) == set(wrong)


# Typing


def test_the_first_article_typed_begins_a_list(session, biohof, alice, now):
    article = catalogues.add_article(session, biohof, bread(), actor=alice, now=now)

    current = catalogues.current(session, biohof)
    assert article.version_id == current.id
    assert (article.order_number, current.articles_count, current.format) == ("1", 1, "typed")


def test_one_sitting_of_typing_is_one_list(session, biohof, alice, now):
    catalogues.add_article(session, biohof, bread(), actor=alice, now=now)
    rolls = catalogues.add_article(session, biohof, bread(name="Rolls"), actor=alice, now=now)
    catalogues.change_article(
        session, biohof, rolls.id, bread(name="Rolls", price_minor=40), actor=alice, now=now
    )

    [version] = catalogues.versions(session, biohof).rows
    assert [
        (one.order_number, one.price_minor) for one in catalogues.articles(session, version).rows
    ] == [
        ("1", 420),
        ("2", 40),
    ]


def test_the_next_day_is_another_list(session, biohof, alice, now):
    catalogues.add_article(session, biohof, bread(), actor=alice, now=now)
    catalogues.add_article(
        session, biohof, bread(name="Rolls"), actor=alice, now=now + timedelta(days=1)
    )

    assert len(catalogues.versions(session, biohof).rows) == 2


def test_typing_never_changes_an_uploaded_list(session, biohof, alice, now):
    first = kept(session, biohof, csv(OIL, JUICE, RICE), actor=alice, now=now)
    juice = catalogues.articles(session, first, words="juice").rows[0]

    catalogues.change_article(
        session, biohof, juice.id, bread(name="Pear juice"), actor=alice, now=now
    )
    catalogues.add_article(session, biohof, bread(), actor=alice, now=now)

    current = catalogues.current(session, biohof)
    assert names(session, first) == ["Olive oil", "Apple juice", "Rice"]
    assert names(session, current) == ["Olive oil", "Pear juice", "Rice", "Rye bread"]
    assert catalogues.articles(session, current).rows[1].order_number == "102"
    assert (first.articles_count, current.articles_count) == (3, 4)


def test_a_removed_article_is_in_the_list_before_only(session, biohof, alice, now):
    first = kept(session, biohof, csv(OIL, JUICE), actor=alice, now=now)
    oil = catalogues.articles(session, first).rows[0]

    catalogues.remove_article(session, biohof, oil.id, actor=alice, now=now)

    current = catalogues.current(session, biohof)
    assert names(session, current) == ["Apple juice"]
    assert current.articles_count == 1
    assert names(session, first) == ["Olive oil", "Apple juice"]


def test_an_article_of_an_older_list_is_not_edited(session, biohof, alice, now):
    first = kept(session, biohof, csv(OIL), actor=alice, now=now)
    oil = catalogues.articles(session, first).rows[0]
    kept(session, biohof, csv(OIL), actor=alice, now=now)

    with pytest.raises(ArticleReplaced):
        catalogues.change_article(session, biohof, oil.id, bread(), actor=alice, now=now)


def test_nothing_is_edited_where_there_is_no_list(session, biohof, alice, now):
    with pytest.raises(NothingCurrent):
        catalogues.remove_article(session, biohof, 1, actor=alice, now=now)


def test_nothing_is_typed_while_a_list_waits(session, biohof, alice, now):
    uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    with pytest.raises(ListWaiting):
        catalogues.add_article(session, biohof, bread(), actor=alice, now=now)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"price_minor": 0}, "price"),
        ({"more_tiers": [(1, 400)]}, "more_tiers"),
        ({"more_tiers": [(10, 420)]}, "more_tiers"),
        ({"more_tiers": [(10, 400), (5, 300)]}, "more_tiers"),
        ({"more_tiers": [(n, 420 - n) for n in range(2, 8)]}, "more_tiers"),
        ({"minimum_units": 5, "maximum_units": 4}, "maximum_units"),
        ({"case_size": 6, "maximum_units": 5}, "maximum_units"),
        ({"case_size": 6, "minimum_units": 7, "maximum_units": 11}, "maximum_units"),
        ({"order_number": "1"}, "order_number"),
    ],
)
def test_an_article_that_cannot_be_is_refused(session, biohof, alice, now, wrong, field):
    catalogues.add_article(session, biohof, bread(order_number="1"), actor=alice, now=now)

    with pytest.raises(Invalid) as refusal:
        catalogues.add_article(session, biohof, bread(**wrong), actor=alice, now=now)

    assert set(refusal.value.fields) == {field}
