"""The list of features. Each is a package with `views.py` (pages) and, mostly, `api.py`."""

from flask import Flask

from marketplace import api
from marketplace.buying.api import ENDPOINTS as BUYING
from marketplace.buying.views import bp as buying
from marketplace.catalogues.api import ENDPOINTS as CATALOGUES
from marketplace.catalogues.views import bp as catalogues
from marketplace.commitments.views import bp as commitments
from marketplace.dialogue.views import bp as dialogue
from marketplace.discovery.api import ENDPOINTS as DISCOVERY
from marketplace.discovery.views import bp as discovery
from marketplace.disputes.views import bp as disputes
from marketplace.members.views import bp as members
from marketplace.notices.views import bp as notices
from marketplace.operations.health import bp as health
from marketplace.operations.views import bp as operations
from marketplace.organising.views import bp as organising
from marketplace.participants.views import bp as participants
from marketplace.payments.cards import bp as cards
from marketplace.payments.views import bp as payments
from marketplace.payments.webhook import bp as webhooks
from marketplace.series.api import ENDPOINTS as SERIES
from marketplace.series.views import bp as series
from marketplace.site.views import bp as site

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
    cards,
    webhooks,
    organising,
    catalogues,
    series,
)
ENDPOINTS = (*DISCOVERY, *BUYING, *CATALOGUES, *SERIES)


def init_app(app: Flask) -> None:
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for endpoints in ENDPOINTS:
        api.mount(app, endpoints)
