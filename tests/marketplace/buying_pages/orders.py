"""What Bob enters, looks at and is bound to."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from services import buying
from tests import make_buying


def send(browser: FlaskClient, path: str, data: dict[str, Any], **how: Any) -> Any:
    """Send a form of ours, with the token that every page of this browser carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/proof").text)
    assert found is not None
    return browser.post(path, data={"csrf_token": found[1], **data}, **how)


def article_id(session: Session, group_buy: GroupBuy) -> int:
    return buying.articles(session, group_buy)[0].id


def entered(
    session: Session, group_buy: GroupBuy, units: object = 3, **more: Any
) -> dict[str, Any]:
    """What Bob types into the form of an order."""
    return {
        f"units-{article_id(session, group_buy)}": units,
        "payment_method": "at_pickup",
        "pickup_point": str(buying.pickup_points(session, group_buy)[0].id),
        **more,
    }


def hidden(page: str) -> dict[str, Any]:
    """The fields of the form with the button that binds."""
    form = page[: page.index("btn--binding")]
    form = form[form.rindex("<form") :]
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form):
        if name == "lines":
            fields.setdefault("lines", []).append(value)
        else:
            fields[name] = value
    return fields


def review(browser: FlaskClient, group_buy: GroupBuy, typed: dict[str, Any]) -> dict[str, Any]:
    answer = send(browser, f"/group-buys/{group_buy.slug}/order", data=typed)
    assert answer.status_code == 200, answer.text
    return hidden(answer.text)


def commitment_of(session: Session, group_buy: GroupBuy, actor: Actor) -> GroupBuyCommitment:
    found = make_buying.commitment_of(session, group_buy, actor.participant.id)
    assert found is not None
    return found


def join(
    session: Session, browser: FlaskClient, group_buy: GroupBuy, units: int = 3, **more: Any
) -> Any:
    """Enter, look, order."""
    fields = review(browser, group_buy, entered(session, group_buy, units, **more))
    return send(browser, f"/group-buys/{group_buy.slug}/commitments", data=fields)


def close(app: Flask, session: Session, group_buy: GroupBuy) -> None:
    buying.close(session, group_buy.id, now=group_buy.closes_at)
    session.flush()


def article_of(session: Session, group_buy: GroupBuy) -> Any:
    return buying.articles(session, group_buy)[0]
