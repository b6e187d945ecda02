"""What an organiser types into the forms of a draft."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.buying import GroupBuy
from services import buying


def what(now: datetime, **overrides: str) -> dict[str, str]:
    closes = now + timedelta(days=7)
    return {
        "title": "Olive oil from Crete",
        "description": "Straight from the press.",
        "category": "food",
        "closes_at": closes.strftime("%Y-%m-%dT20:00"),
        "visibility": "public",
        "lang": "en",
        **overrides,
    }


def article(**overrides: str) -> dict[str, str]:
    return {
        "name": "Olive oil",
        "unit": "5 l can",
        "price": "40,00",
        "tier_1_from": "20",
        "tier_1_price": "36",
        **overrides,
    }


def pickup(now: datetime, **overrides: str) -> dict[str, str]:
    day = now + timedelta(days=10)
    return {
        "name": "Alice's garage",
        "address": "Hafenstraße 1",
        "from_at": day.strftime("%Y-%m-%dT17:00"),
        "until_at": day.strftime("%Y-%m-%dT19:00"),
        **overrides,
    }


def guest_order(session: Session, deal: GroupBuy, **overrides: str) -> dict[str, str]:
    [oil] = buying.articles(session, deal)
    [point] = buying.pickup_points(session, deal)
    return {
        "name": "Frau Meyer",
        "contact": "0471 1234",
        f"units-{oil.id}": "2",
        "pickup_point": str(point.id),
        **overrides,
    }
