"""What the processes are told through their environment, with the defaults of a first run."""

import ipaddress
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

DEMO = "demo"
DEFAULT_PORT = "8000"
WEBHOOK_PATH = "/payments/webhook"


class BadSetting(Exception):
    """A setting that cannot be used, or a port that is taken."""


def port_of(given: Mapping[str, str]) -> int:
    text = given.get("PORT", "") or DEFAULT_PORT
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadSetting(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Refuse a port that is taken or not allowed, before anything is started."""
    try:
        with socket.create_connection((reachable(host), port), timeout=1):
            pass
    except OSError:
        pass
    else:
        raise BadSetting(_busy(port))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the web server does; connections of an earlier run may linger in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise BadSetting(f"Port {port} needs special rights here. {_choose()}") from None
        except OSError as error:
            raise BadSetting(f"{_busy(port)} ({error.strerror})") from None


def address(host: str, port: int) -> str:
    name = reachable(host)
    return f"http://{'localhost' if name == '127.0.0.1' else name}:{port}/"


def children(var: Path, given: Mapping[str, str], *, port: int) -> dict[str, str]:
    """The environment of web, worker and commands: `given`, completed with defaults."""
    env = with_scripts(given)
    env["PORT"] = str(port)
    env["PYTHONUNBUFFERED"] = "1"
    env.setdefault("ALLMENDE_MODE", DEMO)
    if not env.get("SECRET_KEY"):
        env["SECRET_KEY"] = _kept(var / "secret-key", "")
    if env["ALLMENDE_MODE"] == DEMO:
        env.setdefault("HOST", "127.0.0.1")
        env.setdefault("PUBLIC_URL", address(env["HOST"], port).rstrip("/"))
        env.setdefault("MAIL_URL", "file:var/mail")
        # The console belongs to the address and the sign-ins; requests would bury them.
        env.setdefault("LOG_LEVEL", "WARNING")
    return env


def with_scripts(given: Mapping[str, str]) -> dict[str, str]:
    """`given`, with the commands of this environment found first.

    Many processes read the same modules. What one has compiled the next one takes: where nothing
    may be written beside the modules, from within the environment.
    """
    scripts = str(Path(sys.prefix) / "bin")
    env = {**given, "PATH": f"{scripts}{os.pathsep}{given.get('PATH', os.defpath)}"}
    if env.pop("PYTHONDONTWRITEBYTECODE", ""):
        env.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "bytecode"))
    return env


def wants_simulator(env: Mapping[str, str]) -> bool:
    """The demo pays by simulator unless somebody gave it a Stripe key."""
    return env["ALLMENDE_MODE"] == DEMO and not env.get("STRIPE_SECRET_KEY")


def simulator(var: Path, env: dict[str, str]) -> dict[str, str]:
    """`env`, with gateway and simulator pointing at each other."""
    port = env.get("STRIPESIM_PORT") or str(_free_port_near(int(env["PORT"]) + 1))
    key = _kept(var / "stripesim-key", "sk_test_")
    webhook_secret = _kept(var / "stripesim-webhook-secret", "whsec_")
    return env | {
        "STRIPESIM_PORT": port,
        "STRIPESIM_DATABASE": str(var / "stripesim.sqlite"),
        "STRIPESIM_PUBLIC_URL": f"http://localhost:{port}",
        "STRIPESIM_WEBHOOK_URL": f"http://127.0.0.1:{env['PORT']}{WEBHOOK_PATH}",
        "STRIPESIM_WEBHOOK_SECRET": webhook_secret,
        "STRIPESIM_API_KEY": key,
        "STRIPE_API_BASE": f"http://localhost:{port}",
        "STRIPE_SECRET_KEY": key,
        "STRIPE_WEBHOOK_SECRET": webhook_secret,
    }


def _kept(path: Path, prefix: str) -> str:
    """A secret made once and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(prefix + secrets.token_hex(32), encoding="ascii")
        unfinished.rename(path)
    return path.read_text(encoding="ascii").strip()


def _free_port_near(wanted: int) -> int:
    """`wanted` if it is free, so that links to the simulator survive a restart; else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError):
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def reachable(host: str) -> str:
    anywhere = {str(ipaddress.IPv4Address(0)): "127.0.0.1", str(ipaddress.IPv6Address(0)): "::1"}
    return anywhere.get(host, host)


def _busy(port: int) -> str:
    return f"Port {port} is busy: another program is using it. {_choose()}"


def _choose() -> str:
    return "Choose another one, for example: make run PORT=8080"
