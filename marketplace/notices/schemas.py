"""What can be sent about notices."""

from marketplace.fields import Flag
from marketplace.schemas import Schema
from services.notices import CHOOSABLE

# One tick for each way of each kind; what is not ticked is not sent.
Preferences = Schema.from_dict(
    {f"{kind}_{way}": Flag(load_default=False) for kind in CHOOSABLE for way in ("page", "mail")},
    name="Preferences",
)
