"""Runs one command and ends it, with all it started, as soon as standard input closes.

Whoever starts a leash holds the other end of its standard input. The end of that process, even by
SIGKILL, closes the pipe, and so nothing that was started outlives it.
"""

import argparse
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable

KEEPER = 0
LETTING_GO = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT}
PR_SET_PDEATHSIG = 1
GENTLE = "TERM:10,KILL:5"

Stops = list[tuple[signal.Signals, float]]


def main() -> int:
    options = _options()
    wake, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
    for number in (*LETTING_GO, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)

    uid, gid = options.owner
    child = subprocess.Popen(
        options.command,
        stdin=subprocess.DEVNULL,
        cwd=options.cwd,
        user=uid,
        group=gid,
        extra_groups=None if uid is None else [],
        preexec_fn=_die_with_leash(options.stops[0][0]),
    )
    let_go = _watch(child, wake, options.stops)
    if let_go:
        # Nobody is left to hear of stragglers, so they end here, and this process with them.
        os.killpg(0, signal.SIGKILL)
    return 128 - child.returncode if child.returncode < 0 else child.returncode


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="leash", description="Holds one command")
    parser.add_argument("--stops", type=_stops, default=_stops(GENTLE))
    parser.add_argument("--owner", type=_owner, default=(None, None))
    parser.add_argument("--cwd")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _stops(text: str) -> Stops:
    pairs = (part.split(":") for part in text.split(","))
    return [(signal.Signals[f"SIG{name}"], float(seconds)) for name, seconds in pairs]


def _owner(text: str) -> tuple[int, int]:
    uid, gid = text.split(":")
    return int(uid), int(gid)


def _die_with_leash(number: signal.Signals) -> Callable[[], None] | None:
    """Ask Linux to signal the command should this process be killed; other systems cannot."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    leash = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != leash:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def _watch(child: subprocess.Popen[bytes], wake: int, stops: Stops) -> bool:
    """Wait for the end of `child`; answer whether it was asked to end."""
    let_go = False
    remaining = list(stops)
    deadline = 0.0
    while child.poll() is None:
        timeout = max(0.0, deadline - time.monotonic()) if let_go and remaining else None
        ready, _, _ = select.select([wake] if let_go else [wake, KEEPER], [], [], timeout)
        asked = wake in ready and bool(LETTING_GO.intersection(os.read(wake, 512)))
        closed = KEEPER in ready and not os.read(KEEPER, 512)
        let_go = let_go or asked or closed
        if let_go and remaining and time.monotonic() >= deadline:
            number, patience_seconds = remaining.pop(0)
            deadline = time.monotonic() + patience_seconds
            # The group holds this leash too, which only notes the signal, and whatever a shell
            # between us and the real command has started.
            os.killpg(0, number)
    return let_go


if __name__ == "__main__":
    sys.exit(main())
