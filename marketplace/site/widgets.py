"""Widgets: how far along something is, in a frame that anybody can put into a page of theirs."""

from flask import Blueprint, render_template

from marketplace import db
from services import buying, circles
from services.circles import Visit

bp = Blueprint("widgets", __name__)


@bp.get("/widgets/group-buys/<slug>")
def group_buy(slug: str) -> str:
    """A public group buy, as a stranger sees it."""
    found = buying.find(db.session(), slug, actor=None)
    return render_template("site/widget_group_buy.html", group_buy=found)


@bp.get("/widgets/circles/<slug>")
def circle(slug: str) -> str:
    """A circle that everyone may know of, as a stranger sees it."""
    visit: Visit = circles.find(db.session(), slug, actor=None)
    return render_template("site/widget_circle.html", circle=visit.circle)
