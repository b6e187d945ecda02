"""Moments, always aware, whoever wrote them; and days."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import g
from marshmallow import fields

from marketplace.fields.reading import reads_a_form
from models.words import N_


class Moment(fields.Field[datetime]):
    """A moment: RFC 3339 with its offset for programs; on a page the local time of the deal."""

    default_error_messages = {
        "required": N_("Please enter a date and time."),
        "null": N_("Please enter a date and time."),
        "invalid": N_("Please enter a date and time, for example 2026-11-27 18:00."),
        "no_offset": N_("Please give the time with its offset, for example 2026-11-27T18:00:00Z."),
        "too_far": N_("Please enter a date within the next ten years."),
    }

    def __init__(self, **kwargs: Any):
        shape = {"type": "string", "format": "date-time"}
        super().__init__(metadata={**shape, **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40:
            raise self.make_error("invalid")
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise self.make_error("invalid") from None
        if moment.tzinfo is None:
            if not reads_a_form():
                raise self.make_error("no_offset")
            # Babel's own zones may be pytz's, which are wrong by minutes when put in like this.
            moment = moment.replace(tzinfo=ZoneInfo(g.get("time_zone", "Europe/Berlin")))
        if not 2000 <= moment.year <= 2100:
            raise self.make_error("too_far")
        return moment.astimezone(UTC)


class Day(fields.Field[date]):
    """A day of the calendar: ISO 8601, as browsers send what is chosen."""

    default_error_messages = {
        "required": N_("Please enter a day."),
        "null": N_("Please enter a day."),
        "invalid": N_("Please enter a day, for example 2026-11-27."),
        "too_far": N_("Please enter a date within the next ten years."),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or len(value) > 40:
            raise self.make_error("invalid")
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            raise self.make_error("invalid") from None
        if not 2000 <= day.year <= 2100:
            raise self.make_error("too_far")
        return day
