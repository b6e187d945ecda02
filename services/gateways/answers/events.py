"""What is told of the provider's objects."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class GatewayEvent:
    """Something happened to an object at the provider.

    Events come late and out of order, so the object is read: its state there counts, and not
    the one in the message. `account_id` names the connected account that it happened to.
    """

    id: str
    kind: str
    object_id: str
    created_at: datetime
    account_id: str = ""
