"""Forms: a schema is the form. What was typed is kept until it is accepted."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from flask import g, request
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema, ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from marketplace import auth, db, errors
from marketplace.fields import Message
from models.errors import Conflict, Invalid, Refused
from models.words import N_
from services import idempotency

KEY = "idempotency_key"
# What a browser adds to a form without being told anything new.
UNSAID = (KEY, "csrf_token")


class NotFilledIn(Invalid):
    """What was typed is not well-formed; where, the form says itself."""


class Form:
    """What someone typed into a page, checked by a schema, with its errors in their language.

    `values` are the texts to show again, `fields` the checked values, `errors` the messages
    by field name; the name "" is for what belongs to no single field. What is asked for is done
    in one block, and either it was accepted or the page shows the form again:

        with form.refusals(), form.transaction() as session:
            ...
        if form.is_accepted:
            return redirect(...)
        return page(form), form.status
    """

    def __init__(
        self,
        schema: type[Schema] | Schema,
        typed: MultiDict[str, str] | None = None,
        shown: Mapping[str, Any] | None = None,
    ) -> None:
        self.schema = _made(schema) if isinstance(schema, type) else schema
        self.values: dict[str, Any] = dict(shown or {})
        self.errors: dict[str, list[str]] = {}
        self.fields: dict[str, Any] = {}
        self.is_accepted = False
        self.status = 422
        if typed is not None:
            self._read(typed)

    @classmethod
    def sent(cls, schema: type[Schema] | Schema) -> "Form":
        """The form that was sent with this request."""
        return cls(schema, request.form)

    def with_values(self, values: Mapping[str, Any]) -> "Form":
        """The same form with other texts in its fields."""
        other = Form(self.schema, shown=values)
        other.errors = self.errors
        return other

    @property
    def is_valid(self) -> bool:
        return not self.errors

    @contextmanager
    def refusals(self, *, but: type[Refused] | tuple[type[Refused], ...] = ()) -> Iterator[None]:
        """Show in the form why what the block does is refused, if it is; else it is accepted.

        What no other answer would mend, a refusal of the kinds in `but`, has a page of its own.
        """
        try:
            yield
        except but:
            raise
        except NotFilledIn:
            pass
        except Refused as refusal:
            self.refuse(refusal)
        else:
            self.is_accepted = True

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The transaction for what is asked for; refuses with NotFilledIn before it begins."""
        self.guard_filled_in()
        with db.transaction() as session:
            yield session

    def guard_filled_in(self) -> None:
        if not self.is_valid:
            raise NotFilledIn

    def refuse(self, refusal: Refused) -> int:
        """Show why the act was refused, with all that was typed; the status to answer with."""
        message = errors.words(refusal)
        where = refusal.fields if isinstance(refusal, Invalid) else {}
        for name, text in where.items():
            self.errors.setdefault(name, []).append(errors.said(text, refusal.facts))
        if not where:
            self.errors.setdefault("", []).append(message)
        self.status = errors.status_of(refusal)
        return self.status

    def add_error(self, name: str, message: str) -> None:
        self.errors.setdefault(name, []).append(message)

    def _read(self, typed: MultiDict[str, str]) -> None:
        several = {name for name, field in self.schema.fields.items() if hasattr(field, "inner")}
        sent: dict[str, Any] = {}
        for name in typed:
            sent[name] = typed.getlist(name) if name in several else typed[name]
        self.values = {**self.values, **sent}
        # An empty box is nothing said, not an empty answer.
        said = {name: value for name, value in sent.items() if value not in ("", [])}
        g.reads_a_form = True
        try:
            self.fields = self.schema.load(said)
        except ValidationError as invalid:
            self.errors = dict(translated(invalid.messages_dict))
            self.fields = dict(invalid.valid_data or {})
        finally:
            g.reads_a_form = False


# Some forms are made of what a page shows, and those are of a class of their own each time.
@lru_cache(maxsize=256)
def _made(schema: type[Schema]) -> Schema:
    """Schemas hold nothing of what they read, and cost as much to make as to use."""
    return schema(unknown=EXCLUDE)


class SentBefore(Conflict):
    code = "form-sent-before"
    message = N_(
        "This form was sent before, with other answers. Please open it anew to send it again."
    )


class Once:
    """A form that may be sent twice, by a double click: the act happens once.

    Made first in the transaction. `led_to` is the address that the first click led to, or None
    for the first click itself, which says where it leads with `leads_to`. A form without the
    hidden field of `form_key` is carried out each time. Refuses with SentBefore.
    """

    def __init__(self, session: Session) -> None:
        self.led_to: str | None = None
        self._session = session
        self._claim: idempotency.Claim | None = None
        key = request.form.get(KEY, "")
        if not (1 <= len(key) <= idempotency.LONGEST_KEY and key.isascii() and key.isprintable()):
            return
        sent = sorted(pair for pair in request.form.items(multi=True) if pair[0] not in UNSAID)
        try:
            self._claim = idempotency.claim(
                session,
                f"{request.method} {request.endpoint}",
                key,
                json.dumps([request.path, sent]).encode(),
                actor=auth.signed_in_actor(),
                now=db.now(session),
            )
        except idempotency.IdempotencyMismatch:
            raise SentBefore from None
        if self._claim.answer is not None:
            self.led_to = str(self._claim.answer.content["led_to"])

    def leads_to(self, address: str) -> None:
        self.led_to = address
        if self._claim is not None:
            answer = idempotency.Answer(303, {"led_to": address})
            idempotency.keep(self._session, self._claim, answer)


def form_key() -> str:
    """A key for the hidden field of a form that creates something."""
    return secrets.token_urlsafe(16)


def translated(messages: Mapping[Any, Any], path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Marshmallow's messages, flat, by dotted field name, in the reader's language."""
    for name, found in messages.items():
        where = "" if name == "_schema" else f"{path}.{name}" if path else str(name)
        if isinstance(found, Mapping):
            yield from translated(found, where)
        else:
            yield where, [say(message) for message in found]


# What marshmallow says by itself, for fields that need no words of their own on any page.
PLAINLY = {
    "Missing data for required field.": N_("Please fill this in."),
    "Field may not be null.": N_("Please fill this in."),
    "Invalid value.": N_("There is no such choice."),
    "Invalid type.": N_("Please send an object with named fields."),
    "Not a valid list.": N_("Please send a list."),
    "Not a valid string.": N_("Please enter a text."),
    "Not a valid number.": N_("Please enter a number."),
    "Special numeric values (nan or infinity) are not permitted.": N_("Please enter a number."),
    "Number too large.": N_("This number is too large."),
    "Invalid input type.": N_("Please send an object with named fields."),
    "Not a valid mapping type.": N_("Please send an object with named fields."),
    "Not a valid boolean.": N_("Please say yes or no."),
}


def say(message: str) -> str:
    text: str = gettext(PLAINLY.get(str(message), str(message)))
    facts = message.facts if isinstance(message, Message) else {}
    return text % {name: errors.shown(fact) for name, fact in facts.items()} if facts else text
