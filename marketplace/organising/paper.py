"""A blank order on paper, for those who are not on the net."""

from flask import render_template, request
from flask_babel import gettext

from marketplace import db
from marketplace.auth import member_required
from marketplace.organising.blueprint import bp, organised
from models.collaborations import NotOpen, State
from services import buying
from services.buying import listing

# Some twenty sheets; who wants more says which articles.
MOST_ON_PAPER = 300


@bp.get("/group-buys/<slug>/desk/paper-form")
@member_required
def paper_form(slug: str) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    if group_buy.state != State.OPEN:
        raise NotOpen
    words = request.args.get("q", "")[:100]
    category = request.args.get("category", "")[:200]
    page = listing.articles_page(
        session, group_buy, words=words, category=category, limit=MOST_ON_PAPER
    )
    return render_template(
        "organising/paper_form.html",
        group_buy=group_buy,
        seller=group_buy.seller,
        rows=[(one, buying.ladder(one)) for one in page.rows],
        is_cut=page.after is not None,
        words=words,
        category=category,
        category_options=[
            ("", gettext("All categories")),
            *((name, name) for name, _ in listing.categories(session, group_buy)),
        ],
        points=buying.pickup_points(session, group_buy),
        now=db.now(session),
    )
