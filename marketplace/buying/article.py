"""One article of a group buy: all that is known of it, its three numbers and its ladder."""

from flask import render_template

from marketplace import auth, db
from marketplace.buying.blueprint import bp, seen
from marketplace.buying.bodies import You, shown
from marketplace.buying.joining import own_commitment
from marketplace.buying.orders import typed
from marketplace.forms import Form
from marketplace.schemas import Schema
from services import buying


@bp.get("/group-buys/<slug>/articles/<int:article_id>")
def article(slug: str, article_id: int) -> str:
    session, actor = db.session(), auth.actor()
    group_buy = seen(session, slug)
    found = buying.shown_article(session, group_buy, article_id)
    commitment = own_commitment(session, group_buy, actor) if actor is not None else None
    wanted = buying.gathered(session, group_buy, actor.participant.id, commitment) if actor else {}
    lines = [] if commitment is None else commitment.lines
    return render_template(
        "buying/article.html",
        group_buy=group_buy,
        one=shown(found),
        you=You(sum(line.units for line in lines if line.article_id == article_id)),
        commitment=commitment,
        form=Form(Schema, shown=typed(group_buy, wanted.values())),
        at=buying.place_in_list(found),
        is_open=group_buy.is_open(db.now(session)),
    )
