"""The doors: pages for people, an API for programs, commands for those who host."""

import gc
import sys

from flask import Flask

from marketplace.config import Settings

# So many more of them make the collector look; by itself it does after 700 to 2,000.
NEW_OBJECTS = 10_000
# Pages wait for the database long before they have used this up. With the usual 5 ms whoever
# holds the lock of a deal was stopped on a busy machine, and all who joined waited for that.
SWITCH_SECONDS = 0.02


def create_app(settings: Settings | None = None) -> Flask:
    """The application, ready to serve; settings come from the environment if not given."""
    if "marketplace.application" in sys.modules:
        return _create(settings)
    # What a process reads at its start stays until its end. To look for garbage in it over and
    # over takes a fifth of the start, and later makes each worker copy what it shares with others.
    gc.disable()
    try:
        return _create(settings)
    finally:
        gc.freeze()
        # Pages leave little that only the collector can free.
        gc.set_threshold(NEW_OBJECTS)
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.enable()


def _create(settings: Settings | None) -> Flask:
    from marketplace import application

    return application.create(settings)
