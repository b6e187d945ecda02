"""The simulator as a process: `gunicorn --threads 8 stripesim.wsgi:app`.

All settings come from the environment, each with the prefix STRIPESIM_.
"""

from os import environ

from stripesim.app import create_app
from stripesim.webhooks import Pump

app = create_app(
    environ["STRIPESIM_DATABASE"],
    public_url=environ["STRIPESIM_PUBLIC_URL"],
    webhook_url=environ.get("STRIPESIM_WEBHOOK_URL") or None,
    webhook_secret=environ.get("STRIPESIM_WEBHOOK_SECRET", ""),
    api_key=environ.get("STRIPESIM_API_KEY") or None,
    token=environ.get("STRIPESIM_TOKEN") or None,
)

# Several processes may pump side by side: a message is claimed before it is sent.
pump = Pump(app.extensions["stripesim"])
pump.start()
