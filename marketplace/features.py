"""The list of features. Each is a package with `views.py` (pages) and, mostly, `api.py`."""

from flask import Flask

from marketplace import api
from marketplace.buying.api import ENDPOINTS as BUYING
from marketplace.buying.consent_api import ENDPOINTS as SUPPLIER_ANSWERS
from marketplace.buying.proofs_api import ENDPOINTS as PROOFS
from marketplace.buying.usual_api import ENDPOINTS as USUAL_ORDERS
from marketplace.buying.views import bp as buying
from marketplace.catalogues.api import ENDPOINTS as CATALOGUES
from marketplace.catalogues.views import bp as catalogues
from marketplace.chargebacks.api import ENDPOINTS as CHARGEBACKS
from marketplace.chargebacks.views import bp as chargebacks
from marketplace.circles.api import ENDPOINTS as CIRCLES
from marketplace.circles.views import bp as circles
from marketplace.commitments.views import bp as commitments
from marketplace.dialogue.api import ENDPOINTS as DIALOGUE
from marketplace.dialogue.views import bp as dialogue
from marketplace.discovery.api import ENDPOINTS as DISCOVERY
from marketplace.discovery.views import bp as discovery
from marketplace.disputes.api import ENDPOINTS as DISPUTES
from marketplace.disputes.views import bp as disputes
from marketplace.invoices.api import ENDPOINTS as INVOICES
from marketplace.invoices.views import bp as invoices
from marketplace.ledger.api import ENDPOINTS as LEDGER
from marketplace.members.views import bp as members
from marketplace.notices.api import ENDPOINTS as NOTICES
from marketplace.notices.views import bp as notices
from marketplace.operations.health import bp as health
from marketplace.operations.views import bp as operations
from marketplace.organising.api import ENDPOINTS as ORGANISING
from marketplace.organising.views import bp as organising
from marketplace.participants.api import ENDPOINTS as PARTICIPANTS
from marketplace.participants.profiles_api import ENDPOINTS as PROFILES
from marketplace.participants.views import bp as participants
from marketplace.payments.api import ENDPOINTS as PAYMENTS
from marketplace.payments.cards import bp as cards
from marketplace.payments.views import bp as payments
from marketplace.payments.webhook import bp as webhooks
from marketplace.payouts.api import ENDPOINTS as PAYOUTS
from marketplace.payouts.views import bp as payouts
from marketplace.revocations.api import ENDPOINTS as REVOCATIONS
from marketplace.revocations.views import bp as revocations
from marketplace.series.api import ENDPOINTS as SERIES
from marketplace.series.views import bp as series
from marketplace.site.views import bp as site
from marketplace.site.widgets import bp as widgets

PAGES = (
    site,
    members,
    participants,
    discovery,
    buying,
    commitments,
    notices,
    dialogue,
    disputes,
    health,
    operations,
    payments,
    revocations,
    invoices,
    cards,
    payouts,
    chargebacks,
    webhooks,
    organising,
    catalogues,
    series,
    circles,
    widgets,
)
ENDPOINTS = (
    *DISCOVERY,
    *BUYING,
    *ORGANISING,
    *CATALOGUES,
    *SERIES,
    *CIRCLES,
    *PAYMENTS,
    *PAYOUTS,
    *CHARGEBACKS,
    *REVOCATIONS,
    *INVOICES,
    *DIALOGUE,
    *NOTICES,
    *LEDGER,
    *DISPUTES,
    *PROFILES,
    *PARTICIPANTS,
    *USUAL_ORDERS,
    *SUPPLIER_ANSWERS,
    *PROOFS,
)


def init_app(app: Flask) -> None:
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for endpoints in ENDPOINTS:
        api.mount(app, endpoints)
