"""Finding a deal, for people."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext
from markupsafe import Markup

from marketplace import auth, db, fragments
from marketplace.cards import cards
from marketplace.discovery.schemas import Browsing
from marketplace.discovery.wording import CATEGORIES, RANKING, SORTS, STATUSES
from marketplace.forms import Form
from marketplace.recent import Recent
from models.collaborations import Category
from models.participants import PlaceUnknown
from services import discovery, geography
from services.discovery import Filters, Sort, Status

bp = Blueprint("discovery", __name__)

RADII_KM = (5, 10, 25, 50, 100, 250)
NEARLY, NEWEST = 3, 6
KNOWN = frozenset(Browsing().fields) - {"after"}
FORM = "discovery/filters.html"
# What someone types themself; everything else is one of a few choices.
TYPED = ("q", "place")


@bp.record_once
def keep_places(state: BlueprintSetupState) -> None:
    # Towns stay where they are.
    places: Recent[geography.Found] = Recent(most=1_000, seconds=86_400)
    state.app.extensions["places"] = places


@bp.get("/group-buys")
def browse() -> Any:
    """The deals that fit the filters in the address; without any, all that are open."""
    form = Form(Browsing, request.args)
    session = db.session()
    near = place_of_form(form)
    asked = form.fields
    filters = Filters(
        words=asked.get("q", ""),
        near=near.point if near else None,
        within_km=asked.get("within", 25),
        category=asked.get("category"),
        status=asked.get("status", Status.OPEN),
        sort=asked.get("sort"),
        after=asked.get("after"),
    )
    now = db.asked_at(session)
    page = discovery.browse(session, filters, actor=auth.actor(), now=now)
    [found] = cards(session, page.rows, now=now)
    asked_again: dict[str, Any] = {**_first_page(), "after": page.after}
    everywhere = None if page.rows else _everywhere_url(filters, now)
    rendered = render_template(
        "discovery/browse.html",
        filters_form=_form(form, filters),
        filters=filters,
        place=near,
        ranking=RANKING[filters.order],
        cards=found,
        next_url=url_for(".browse", **asked_again) if page.after else None,
        start_url=url_for("organising.new", title=filters.words or None),
        is_narrowed=any(form.fields.get(name) for name in ("q", "category")) or near is not None,
        first_page=_first_page(),
        meant=_meant(form),
        everywhere_url=everywhere,
        closed_url=None if page.rows or everywhere else _closed_url(filters, now),
    )
    return rendered, 200 if form.is_valid else 422


@bp.get("/")
def home() -> str:
    """Asks first what is needed; then what is nearly there, what is new, and how it works."""
    session = db.session()
    now = db.asked_at(session)
    reader = auth.actor()
    nearly, newest = (
        discovery.browse(session, Filters(sort=sort, limit=limit), actor=reader, now=now).rows
        for sort, limit in ((Sort.NEARLY, NEARLY), (Sort.NEWEST, NEARLY + NEWEST))
    )
    # What stands above is not shown again: there is room for others.
    above = {one.id for one in nearly}
    newest = [one for one in newest if one.id not in above][:NEWEST]
    nearly_cards, newest_cards = cards(session, nearly, newest, now=now)
    return render_template(
        "discovery/home.html",
        nearly=nearly_cards,
        newest=newest_cards,
        browse_url=url_for(".browse"),
        start_url=url_for("organising.new"),
    )


def _form(form: Form, filters: Filters) -> Markup:
    """The form of the filters: kept by what is chosen, with what was typed put in."""
    sorts = tuple(_sorts(filters))
    choices = {name: value for name, value in form.values.items() if name not in TYPED}
    wrong = tuple((name, *messages) for name, messages in form.errors.items())
    by = (filters.order, filters.status, filters.within_km, sorts, tuple(choices.items()), wrong)
    shown = fragments.kept().at_hand(FORM, by)
    if shown is None:
        holes = {name: fragments.hole(name) for name in TYPED}
        facts = {
            "form": form.with_values({**choices, **holes}),
            "filters": filters,
            "has_more": any(choices.get(name) for name in ("category", "status", "sort")),
            "categories": named(CATEGORIES, list(Category)),
            "statuses": named(STATUSES, list(Status)),
            "sorts": named(SORTS, list(sorts)),
            "within_options": [(km, gettext("%(km)s km", km=km)) for km in RADII_KM],
        }
        shown = fragments.kept().make(FORM, by, facts)
    return shown(**{name: form.values.get(name, "") for name in TYPED})


def _first_page() -> dict[str, str]:
    """The filters as they were typed, and nothing else that an address may bring along."""
    return {name: value for name, value in request.args.items() if name in KNOWN}


def named(words: dict[Any, str], chosen: list[Any]) -> list[tuple[str, str]]:
    """The options of a list to choose from, in the reader's language."""
    return [(str(one), gettext(words[one])) for one in chosen]


def place_of_form(form: Form) -> geography.Found | None:
    """The largest place of the name that was typed; an unknown one is an error at its field."""
    name = form.fields.get("place", "")
    if not name:
        return None
    places = current_app.extensions["places"]
    known: geography.Found | None = places.get(name)
    if known is None:
        choices = geography.candidates(db.session(), name)
        if not choices:
            form.add_error("place", gettext(PlaceUnknown.message))
            return None
        known = places.keep(name, choices[0])
    return known


def _meant(form: Form) -> list[tuple[str, str]]:
    """The places that an unknown one may stand for, each with the address of its own list."""
    if "place" not in form.errors:
        return []
    found = geography.similar(db.session(), form.values.get("place", "")[:120])
    asked: dict[str, Any] = {**_first_page()}
    return [(one.label, url_for(".browse", **{**asked, "place": one.label})) for one in found]


def _everywhere_url(filters: Filters, now: datetime) -> str | None:
    """The address of the words alone, if they find something that the other filters leave out."""
    wide = Filters(words=filters.words, limit=1)
    if not filters.words or replace(filters, after=None, limit=1) == wide:
        return None
    found = discovery.browse(db.session(), wide, actor=None, now=now).rows
    return url_for(".browse", q=filters.words) if found else None


def _closed_url(filters: Filters, now: datetime) -> str | None:
    """The address of the words among what is decided or over, if they find something there."""
    if not filters.words:
        return None
    for status in (Status.DECIDED, Status.COMPLETED):
        wide = Filters(words=filters.words, status=status, limit=1)
        if discovery.browse(db.session(), wide, actor=None, now=now).rows:
            return url_for(".browse", q=filters.words, status=status)
    return None


def _sorts(filters: Filters) -> list[Sort]:
    """The orders that mean something for this question."""
    sorts = [Sort.NEWEST]
    if filters.status == Status.OPEN:
        sorts = [Sort.CLOSING, Sort.NEARLY, Sort.NEWEST]
    if filters.near is not None:
        sorts.insert(0, Sort.DISTANCE)
    if filters.words:
        sorts.insert(0, Sort.BEST)
    return sorts
