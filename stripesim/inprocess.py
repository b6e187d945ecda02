"""The SDK talking to a simulator in the same process, without a socket."""

from collections.abc import Mapping
from typing import Any

import stripe
from flask import Flask

from stripesim.errors import ConnectionLost


class CaseInsensitive(dict[str, str]):
    """Headers as the SDK looks them up: in any case."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


class InProcess(stripe.HTTPClient):
    """An HTTP client for `stripe.StripeClient` whose only host is one app."""

    name = "in-process"

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        try:
            # A client each time: test clients are not made for several threads at once.
            answer = self.app.test_client().open(
                url, method=method.upper(), headers=dict(headers or {}), data=post_data
            )
            text = answer.get_data(as_text=True)
        except ConnectionLost as lost:
            broken = stripe.APIConnectionError("The connection broke.")  # type: ignore[no-untyped-call]
            broken.should_retry = True
            raise broken from lost
        named = {name.lower(): value for name, value in answer.headers}
        return text, answer.status_code, CaseInsensitive(named)

    def close(self) -> None:
        """Nothing is kept open."""
