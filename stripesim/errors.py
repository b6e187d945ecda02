"""What the simulator refuses, in the very shape that the SDK parses."""

from typing import Any


class Failure(Exception):
    """An answer that is not a success; what the handler did before it is undone."""

    keeps_work = False

    def __init__(
        self,
        message: str,
        *,
        kind: str = "invalid_request_error",
        status: int = 400,
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.facts = facts

    def body(self) -> dict[str, Any]:
        facts = {name: fact for name, fact in self.facts.items() if fact is not None}
        return {"error": {"type": self.kind, "message": str(self), **facts}}


class CardFailure(Failure):
    """A card said no. The failed attempt stays on the books, as it does at Stripe."""

    keeps_work = True

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message, kind="card_error", status=402, **facts)


class ConnectionLost(Exception):
    """The work is done and kept; the answer never arrives."""


def missing(kind: str, id: str, param: str) -> Failure:
    words = kind.replace(".", " ").replace("_", " ")
    # Stripe answers 404 where the address names the object, 400 where a parameter does.
    status = 404 if param == "id" else 400
    return Failure(f"No such {words}: '{id}'", status=status, code="resource_missing", param=param)


def unexpected_state(intent: dict[str, Any], act: str) -> Failure:
    name = intent["object"]
    words = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}[name]
    facts: dict[str, Any] = {"code": f"{name}_unexpected_state", name: intent}
    return Failure(
        f"This {words} could not be {act} because it has a status of {intent['status']}.", **facts
    )
