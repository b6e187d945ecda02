"""VAT in gross prices: stored with what was decided, and adding up on every sheet."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.money import vat_of
from services import buying
from services.buying import handing_over, sheets, vat
from tests import make_buying, make_running
from tests.make_buying import cheese, olive_oil

grosses = st.lists(
    st.tuples(st.sampled_from([0, 550, 700, 1900, 2100]), st.integers(0, 10**7)), max_size=30
)


@given(grosses)
def test_the_lines_of_one_rate_add_up_to_the_tax_in_their_sum(lines: list[tuple[int, int]]) -> None:
    taxes = vat.per_line(lines)

    for taxed in vat.by_rate(lines):
        ours = [place for place, (rate, _) in enumerate(lines) if rate == taxed.basis_points]
        assert sum(taxes[place] for place in ours) == taxed.vat_minor
        assert sum(lines[place][1] for place in ours) == taxed.gross_minor
        assert taxed.vat_minor == vat_of(taxed.gross_minor, taxed.basis_points)
    assert sum(minor for _, minor in lines) == sum(one.gross_minor for one in vat.by_rate(lines))


@given(grosses)
def test_no_line_is_taxed_a_cent_away_from_its_own_tax(lines: list[tuple[int, int]]) -> None:
    for (rate, gross), tax in zip(lines, vat.per_line(lines), strict=True):
        assert 0 <= tax <= gross
        assert abs(tax - vat_of(gross, rate)) <= 1


@given(grosses, st.data())
def test_what_a_refund_takes_off_is_the_difference_of_two_statements(
    lines: list[tuple[int, int]], data: st.DataObject
) -> None:
    left = [(rate, data.draw(st.integers(0, minor))) for rate, minor in lines]

    before, after = vat.by_rate(lines), vat.by_rate(left)

    for was, now in zip(before, after, strict=True):
        assert 0 <= was.vat_minor - now.vat_minor <= was.gross_minor - now.gross_minor


@given(st.lists(grosses, max_size=6))
def test_the_accounts_state_what_the_orders_state(orders: list[list[tuple[int, int]]]) -> None:
    stated = [vat.by_rate(order) for order in orders]

    together = {one.basis_points: one.vat_minor for one in vat.together(stated)}

    for rate, tax in together.items():
        assert tax == sum(
            one.vat_minor for order in stated for one in order if one.basis_points == rate
        )


@pytest.fixture
def pantry(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Oil at 7 %, soap at 19 % and cheese by weight at 7 %; freight is shared, deposit is taken."""
    made = make_buying.group_buy(
        session,
        alice,
        now=now,
        articles=[
            olive_oil(minimum_units=1, deposit_minor=25),
            olive_oil(
                name="Soap", tiers=[(1, 333)], vat_basis_points=1900, minimum_units=1, base_unit=""
            ),
            cheese(),
        ],
        freight_rule="by_value",
        freight_minor=1001,
        freight_ceiling_minor=1001,
    )
    oil, soap, wheel = buying.articles(session, made)
    for who, units in ((bob, (2, 3, 1)), (charlie, (1, 1, 2))):
        wanted = [
            buying.Wanted(one.id, many) for one, many in zip((oil, soap, wheel), units, strict=True)
        ]
        order = make_buying.order(session, made, 1)
        buying.join(
            session,
            made,
            buying.Order(wanted, order.payment_method, order.pickup_point_id),
            actor=who,
            now=now,
        )
    buying.close(session, made.id, now=made.closes_at)
    return made


def costs(session: Session, deal: GroupBuy, one: GroupBuyCommitment) -> int:
    """Goods as they are taxed, with all that is stated apart from them."""
    articles = {found.id: found for found in buying.articles(session, deal)}
    goods = sum(minor for _, minor in vat.grosses_of(deal, one, articles).values())
    deposit = sum(
        articles[line.article_id].deposit_minor
        * ((line.decided_units if line.delivered_units is None else line.delivered_units) or 0)
        for line in one.lines
    )
    return goods + deposit + one.freight_minor + one.share_minor


def test_what_is_taxed_is_what_is_owed_at_every_step(
    session: Session, pantry: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    def agree() -> bool:
        found = [make_running.commitment(session, pantry, who) for who in (bob, charlie)]
        return all(costs(session, pantry, one) == one.due_minor > 0 for one in found)

    assert agree()
    make_running.ordered(session, pantry, alice)
    came = {
        one.id: (one.decided_units or 0) - 1 for one in buying.ordered_articles(session, pantry)
    }
    at = pantry.closes_at + timedelta(days=3)
    buying.deliver(session, pantry, came, actor=alice, now=at)
    assert agree()
    lines = [
        line
        for who in (bob, charlie)
        for line in make_running.commitment(session, pantry, who).lines
        if line.delivered_units and line.article.is_by_weight
    ]
    buying.weigh(session, pantry, {line.id: 777 * (line.delivered_units or 0) for line in lines})
    buying.make_final(session, pantry, actor=alice, now=at)
    assert agree()


def test_a_later_rate_does_not_change_what_was_agreed(
    session: Session, pantry: GroupBuy, bob: Actor
) -> None:
    articles = {one.id: one for one in buying.articles(session, pantry)}
    before = vat.of_order(pantry, make_running.commitment(session, pantry, bob), articles)

    for one in articles.values():
        one.vat_basis_points = 2500
    session.flush()

    assert [one.basis_points for one in before] == [700, 1900]
    assert vat.of_order(pantry, make_running.commitment(session, pantry, bob), articles) == before
    assert set(vat.decided_rates(session, pantry).values()) == {700, 1900}


def test_members_sheets_and_accounts_state_the_same_tax(
    session: Session, pantry: GroupBuy, alice: Actor, bob: Actor
) -> None:
    articles = {one.id: one for one in buying.articles(session, pantry)}
    crates = handing_over.crates(session, pantry)

    text = sheets.lines_csv(pantry, crates, articles, exponent=2)

    header, *rows = [row.split(";") for row in text.splitlines()]
    sums: dict[str, int] = {}
    for row in rows:
        said = dict(zip(header, row, strict=True))
        cents = int(said["vat"].replace(".", ""))
        sums[said["vat_percent"]] = sums.get(said["vat_percent"], 0) + cents
    accounts = buying.accounts(session, pantry)
    assert sums == {"7": accounts.vat[0].vat_minor, "19": accounts.vat[1].vat_minor}
    mine = buying.mine(session, pantry, bob)
    assert mine is not None
    [seven, nineteen] = mine.vat(pantry)
    assert nineteen.vat_minor == vat_of(999, 1900)
    assert seven.vat_minor == vat_of(2 * 4000 + 1580, 700)
