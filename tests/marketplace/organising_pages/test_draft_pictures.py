"""Pictures of a draft and its articles: shown, taken away, counted, refused."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.participants import Picture
from services import buying, pictures
from services.throttles import Limit
from tests.marketplace.organising_pages.typed import article, what
from tests.pages import send


def red(name: str) -> Any:
    """A red picture, as it is uploaded."""
    written = BytesIO()
    Image.new("RGB", (40, 20), "red").save(written, "PNG")
    return BytesIO(written.getvalue()), name


def test_a_picture_of_an_article_is_shown_and_taken_away(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    [oil] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft/articles/{oil.id}"
    assert send(as_alice, at, **article(), picture=red("oil.png")).status_code == 303
    session.refresh(oil)
    assert oil.picture is not None

    assert f"/pictures/{oil.picture.key}.webp" in as_alice.get(at).text
    send(as_alice, at, **article())
    session.refresh(oil)
    assert oil.picture_id is not None
    send(as_alice, at, **article(remove_picture="true"))

    session.refresh(oil)
    assert oil.picture_id is None
    assert session.scalar(select(func.count()).select_from(Picture)) == 0
    assert "/pictures/" not in as_alice.get(at).text


def test_a_picture_taken_from_a_copy_stays_where_it_was(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, alice: Actor, now: datetime
) -> None:
    [oil] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft/articles/{oil.id}"
    send(as_alice, at, **article(), picture=red("oil.png"))
    copy = buying.copy(session, draft, actor=alice, now=now)
    [copied] = buying.articles(session, copy)

    at = f"/group-buys/{copy.slug}/draft/articles/{copied.id}"
    send(as_alice, at, **article(remove_picture="true"))

    session.refresh(oil)
    assert oil.picture is not None
    assert as_alice.get(f"/pictures/{oil.picture.key}.webp").status_code == 200


def test_a_cover_is_uploaded_and_taken_back(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, now: datetime
) -> None:
    at = f"/group-buys/{draft.slug}/draft"

    assert send(as_alice, at, **what(now), picture=red("oil.png")).status_code == 303
    session.refresh(draft)
    assert draft.picture_id is not None

    send(as_alice, at, **what(now), remove_picture="true")
    session.refresh(draft)
    assert draft.picture_id is None


def test_an_upload_that_is_no_picture_is_refused(
    as_alice: FlaskClient, draft: GroupBuy, now: datetime
) -> None:
    upload: Any = (BytesIO(b"not a picture"), "oil.png")

    answer = send(as_alice, f"/group-buys/{draft.slug}/draft", **what(now), picture=upload)

    assert answer.status_code == 422
    assert "no picture" in answer.text


def test_every_picture_that_is_sent_counts_whatever_it_is(
    as_alice: FlaskClient,
    draft: GroupBuy,
    session: Session,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "UPLOADS", Limit("pictures", 1, timedelta(hours=1)))
    [oil] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft"
    broken: Any = (BytesIO(b"not a picture"), "oil.png")
    assert send(as_alice, at, **what(now), picture=broken).status_code == 422

    cover = send(as_alice, at, **what(now), picture=red("oil.png"))
    shown = send(as_alice, f"{at}/articles/{oil.id}", **article(), picture=red("oil.png"))

    assert (cover.status_code, shown.status_code) == (409, 409)
    assert "You uploaded 1 pictures" in cover.text
