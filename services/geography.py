"""Finding a place by the name people give it, in the table of places."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.geography import Coordinates, rounded
from models.participants import Place, PlaceAmbiguous, PlaceUnknown
from models.words import N_
from services.places import PlaceRow, name_key

SEVERAL = N_("There are several places of this name. Please choose one.")

_BATCH = 1_000
_POINT = re.compile(r"\s*\([^()]*°[^()]*\)\s*$")


@dataclass(frozen=True)
class Found:
    """A place as it is offered for choice: `label` tells it from others of its name."""

    id: int
    name: str
    label: str
    # Rounded to about 1 km, as everything that is kept or shown of a place.
    point: Coordinates


class Placed(Protocol):
    """What lies somewhere, or nowhere."""

    place_name: Any
    latitude: Any
    longitude: Any


def put(session: Session, placed: Placed, text: str, *, place_id: int | None = None) -> None:
    """Put something where `text` says, rounded to about 1 km; nowhere for "".

    Refuses with PlaceUnknown and PlaceAmbiguous.
    """
    if text == placed.place_name and place_id is None:
        return
    if not text:
        placed.place_name, placed.latitude, placed.longitude = "", None, None
        return
    found = resolve(session, text, place_id=place_id)
    placed.place_name = found.name
    placed.latitude = found.point.latitude
    placed.longitude = found.point.longitude


def load(session: Session, rows: Iterable[PlaceRow]) -> int:
    """Bring the table of places up to `rows` and return how many there were; repeatable."""
    batch: list[dict[str, object]] = []
    count = 0
    for row in rows:
        batch.append(_values(row))
        count += 1
        if len(batch) == _BATCH:
            _write(session, batch)
            batch = []
    _write(session, batch)
    return count


def suggest(session: Session, text: str, *, limit: int = 8) -> list[Found]:
    """Places whose name begins with `text`, the largest first; none for less than two letters."""
    key, rest = _parts(text)
    if len(key) < 2:
        return []
    places = session.scalars(
        select(Place)
        .where(Place.name_key.startswith(key, autoescape=True))
        .order_by(Place.population.desc(), Place.id)
        .limit(limit if not rest else 200)
    ).all()
    places = places or _by_other_name(session, key)
    return _labelled([place for place in places if _lies_in(place, rest)][:limit])


def resolve(session: Session, text: str, *, place_id: int | None = None) -> Found:
    """The one place that `text` means: "Bremerhaven", "Halle, Sachsen-Anhalt", "Munich, DE".

    `place_id` is the choice among those that are `offered`. Refuses with PlaceUnknown and
    PlaceAmbiguous, whose `choices` fact holds their labels.
    """
    choices = candidates(session, text)
    meant = choices if choices or place_id is None else similar(session, text)
    for found in meant:
        if found.id == place_id or len(choices) == 1:
            return found
    if not choices:
        raise PlaceUnknown(fields={"place": PlaceUnknown.message})
    raise PlaceAmbiguous(
        choices="; ".join(found.label for found in choices), fields={"place_id": SEVERAL}
    )


def candidates(session: Session, text: str) -> list[Found]:
    """All places that `text` names exactly, the largest first."""
    key, rest = _parts(text)
    if not key:
        return []
    places: Sequence[Place] = session.scalars(
        select(Place).where(Place.name_key == key).order_by(Place.population.desc(), Place.id)
    ).all()
    places = places or _by_other_name(session, key)
    found = _labelled([place for place in places if _lies_in(place, rest)])
    return [one for one in found if one.label == text.strip()] or found


def offered(session: Session, text: str) -> list[Found]:
    """What to choose from for `text`: all places of this name, else those with one like it."""
    return candidates(session, text) or similar(session, text)


def similar(session: Session, text: str, *, limit: int = 5) -> list[Found]:
    """Places that may be meant by a name that none has, the likeliest first: "Bremerhafen"."""
    key, _ = _parts(text)
    if len(key) < 2:
        return []
    if begun := suggest(session, text, limit=limit):
        return begun
    names = session.scalars(
        select(Place.name_key).where(Place.name_key.startswith(key[:1], autoescape=True)).distinct()
    )
    close = get_close_matches(key, names.all(), n=limit, cutoff=0.75)
    places = session.scalars(
        select(Place)
        .where(Place.name_key.in_(close))
        .order_by(Place.population.desc(), Place.id)
        .limit(200)
    ).all()
    return _labelled(sorted(places, key=lambda place: close.index(place.name_key))[:limit])


def _by_other_name(session: Session, key: str) -> Sequence[Place]:
    return session.scalars(
        select(Place)
        .where(Place.other_keys.contains([key]))
        .order_by(Place.population.desc(), Place.id)
    ).all()


def _parts(text: str) -> tuple[str, list[str]]:
    """The key of the place and the keys of what it lies in, as people write them: by commas."""
    name, *rest = _POINT.sub("", text[:200]).split(",")
    return name_key(name), [key for part in rest if (key := name_key(part))]


def _lies_in(place: Place, wanted: list[str]) -> bool:
    return all(
        name_key(place.region).startswith(part) or place.country.lower() == part for part in wanted
    )


def _labelled(places: Sequence[Place]) -> list[Found]:
    labels = [", ".join(filter(None, (one.name, one.region, one.country))) for one in places]
    times = Counter(labels)
    return [
        Found(
            id=place.id,
            name=place.name,
            # Several villages of one name in one region are told apart by where they lie.
            label=f"{label} {_shown(place)}" if times[label] > 1 else label,
            point=rounded(place.latitude, place.longitude),
        )
        for place, label in zip(places, labels, strict=True)
    ]


def _shown(place: Place) -> str:
    return f"({place.latitude:.2f}° N, {place.longitude:.2f}° E)"


def _values(row: PlaceRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "name_key": row.name_key,
        "other_keys": [name_key(name) for name in row.other_names],
        "country": row.country,
        "region": row.region,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "population": row.population,
    }


def _write(session: Session, batch: list[dict[str, object]]) -> None:
    if not batch:
        return
    written = insert(Place)
    # Rows as parameters, not as one long statement: that would have to be compiled anew.
    session.execute(
        written.on_conflict_do_update(
            index_elements=[Place.id],
            set_={name: written.excluded[name] for name in batch[0] if name != "id"},
        ),
        batch,
    )


def are_loaded(session: Session) -> bool:
    """Whether there are places at all: without them nobody can say where they are."""
    return (
        session.scalar(select(func.count()).select_from(select(Place.id).limit(1).subquery())) == 1
    )
