"""The whole service on one machine: database, migrations, demo world, web, worker."""

import http.client
import os
import shutil
import time
from pathlib import Path
from urllib.parse import urlsplit

from launcher import catalogues, databases, instance, postgres, prepared, procfile, settings
from launcher.supervisor import Child, Ended, Supervisor

DEMO_LOAD = "flask --app marketplace demo load --if-empty"
DEMO_SIGN_INS = "flask --app marketplace demo sign-ins"


class Failed(Exception):
    """A step of the start that did not succeed."""


class Run:
    """One run of the service in `checkout`."""

    def __init__(self, checkout: Path, supervisor: Supervisor) -> None:
        self.checkout = checkout
        self.var = checkout / "var"
        self.commands = procfile.read(checkout / "Procfile")
        self.supervisor = supervisor
        self.env: dict[str, str] = {}

    def prepare(self, port: int) -> None:
        """A database, its tables, and in the demo its world."""
        self.env = settings.children(self.var, os.environ, port=port)
        if not self.env.get("DATABASE_URL"):
            cluster = postgres.Cluster(postgres.lasting(self.checkout), self.supervisor)
            self.env["DATABASE_URL"] = cluster.start()
        if settings.wants_simulator(self.env) and "stripesim" in self.commands:
            self.env = settings.simulator(self.var, self.env)
        catalogues.compile_stale(self.checkout)
        marker = self.var / "prepared"
        if not self.is_demo:
            self._once("release", self.commands["release"])
        elif not prepared.is_prepared(self.checkout, self.env["DATABASE_URL"], marker):
            self._once("release", self.commands["release"])
            self._once("demo", DEMO_LOAD)
            prepared.remember(self.checkout, self.env["DATABASE_URL"], marker)

    def serve(self) -> None:
        """Start everything, say where it is, and keep it alive until somebody ends it."""
        for name in self._lasting():
            if name != "worker":
                self.supervisor.start(self._child(name, self.commands[name]))
        while not self._answers():
            self.supervisor.turn(0.1)
        # Somebody waits for the first page, and nobody for the first job.
        if "worker" in self.commands:
            self.supervisor.start(self._child("worker", self.commands["worker"]))
        host, port = self.env.get("HOST", "127.0.0.1"), int(self.env["PORT"])
        self.supervisor.say(f"Allmende is ready: {settings.address(host, port)}")
        if self.is_demo:
            signing = self._child("sign-ins", DEMO_SIGN_INS)
            signing.capture = []
            self.supervisor.finish(signing)
            for line in signing.capture:
                self.supervisor.say(line)
        self.supervisor.say("Ctrl-C ends it.")
        while True:
            self.supervisor.turn()

    @property
    def is_demo(self) -> bool:
        return self.env["ALLMENDE_MODE"] == settings.DEMO

    def _lasting(self) -> list[str]:
        skipped = {"release"} if "STRIPESIM_PORT" in self.env else {"release", "stripesim"}
        return [name for name in self.commands if name not in skipped]

    def _once(self, name: str, command: str) -> None:
        code = self.supervisor.finish(self._child(name, command))
        if code != 0:
            raise Failed(f"`{command}` failed with exit code {code}.")

    def _child(self, name: str, command: str) -> Child:
        env = dict(self.env)
        if name in ("web", "worker"):
            env["PROMETHEUS_MULTIPROC_DIR"] = str(self._metrics())
        return Child(name, procfile.arguments(command), env, self.checkout)

    def _metrics(self) -> Path:
        return self.var / "metrics"

    def _answers(self) -> bool:
        host = settings.reachable(self.env.get("HOST", "127.0.0.1"))
        named = urlsplit(self.env.get("PUBLIC_URL", "")).netloc or "localhost"
        connection = http.client.HTTPConnection(host, int(self.env["PORT"]), timeout=5)
        try:
            connection.request("GET", "/readyz", headers={"Host": named})
            return connection.getresponse().status < 400
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def run(checkout: Path, *, parent: int | None) -> int:
    """Run the service until Ctrl-C, TERM, or the end of `parent`."""
    port = settings.port_of(os.environ)
    runs = databases.runs(checkout)
    with (
        instance.claim(runs, databases.tell) as lock,
        Supervisor(lock=lock, parent=parent) as supervisor,
    ):
        settings.check_port(os.environ.get("HOST") or "127.0.0.1", port)
        began = time.monotonic()
        service = Run(checkout, supervisor)
        shutil.rmtree(checkout / "var" / "metrics", ignore_errors=True)
        (checkout / "var" / "metrics").mkdir(parents=True)
        try:
            service.prepare(port)
            supervisor.say(f"The database is ready after {time.monotonic() - began:.1f} s.")
            service.serve()
        except Ended:
            supervisor.say("Ending.")
        finally:
            instance.announce_end(runs)
    return 0


def fresh_demo(checkout: Path) -> int:
    """Throw the embedded database of this checkout away and make a new demo world."""
    if os.environ.get("DATABASE_URL"):
        raise Failed("DATABASE_URL is set; only the embedded database is ever thrown away.")
    if os.environ.get("ALLMENDE_MODE", settings.DEMO) != settings.DEMO:
        raise Failed("ALLMENDE_MODE is not `demo`, so nothing is thrown away.")
    with (
        instance.claim(databases.runs(checkout), databases.tell) as lock,
        Supervisor(lock=lock) as supervisor,
    ):
        place = postgres.lasting(checkout)
        if place.data.exists():
            postgres.clear(place.data, pause=time.sleep, tell=supervisor.say)
            shutil.rmtree(place.data)
        for name in ("prepared", "stripesim.sqlite"):
            (checkout / "var" / name).unlink(missing_ok=True)
        shutil.rmtree(checkout / "var" / "mail", ignore_errors=True)
        Run(checkout, supervisor).prepare(settings.port_of(os.environ))
        supervisor.say("A fresh demo world is ready. `make run` shows it.")
    return 0
