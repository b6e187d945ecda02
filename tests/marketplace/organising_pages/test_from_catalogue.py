"""A draft takes its articles from a catalogue."""

from datetime import datetime

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.catalogues import CatalogueArticle
from services import buying, catalogues
from tests import make_catalogues
from tests.pages import send


def listed(
    session: Session, alice: Actor, now: datetime, count: int = 60
) -> tuple[int, list[CatalogueArticle]]:
    """Alice's catalogue with so many articles on twenty shelves; its id and its first ones."""
    mine = make_catalogues.catalogue(session, alice, now=now)
    version = make_catalogues.kept(session, mine, make_catalogues.many(count), actor=alice, now=now)
    return mine.id, list(catalogues.articles(session, version).rows)


def test_the_whole_list_is_taken_from_a_catalogue_once(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, alice: Actor, now: datetime
) -> None:
    catalogue_id, _ = listed(session, alice, now, 5_000)
    at = f"/group-buys/{draft.slug}/draft/catalogues/{catalogue_id}"

    assert send(as_alice, at, which="all").status_code == 303
    assert send(as_alice, at, which="all").status_code == 303

    session.refresh(draft)
    assert draft.articles_count == 5_001
    assert (
        as_alice.get(f"/group-buys/{draft.slug}/draft/articles?q=Article+4999").status_code == 200
    )
    assert send(as_alice, f"/group-buys/{draft.slug}/publication").status_code == 303


def test_a_category_or_the_ticked_articles_are_taken(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, alice: Actor, now: datetime
) -> None:
    catalogue_id, articles = listed(session, alice, now)
    at = f"/group-buys/{draft.slug}/draft/catalogues/{catalogue_id}"
    assert as_alice.get(f"{at}?q=Article+7&category=Shelf+07").status_code == 200

    assert send(as_alice, at, which="ticked").status_code == 422
    assert send(as_alice, at, which="ticked", articles=str(articles[0].id)).status_code == 303
    assert send(as_alice, at, which="category", category="Shelf 05").status_code == 303

    names = {one.name for one in buying.articles(session, draft)}
    assert names == {"Olive oil", "Article 1", "Article 5", "Article 25", "Article 45"}


def test_the_catalogue_of_others_is_not_found(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, bob: Actor, now: datetime
) -> None:
    catalogue_id, _ = listed(session, bob, now)
    at = f"/group-buys/{draft.slug}/draft/catalogues/{catalogue_id}"

    assert as_alice.get(at).status_code == 404
    assert send(as_alice, at, which="all").status_code == 404
