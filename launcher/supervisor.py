"""Starts processes, keeps them alive and ends them all: no process outlives its supervisor."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from launcher import leash

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONG_RUN_SECONDS = 20
MOST_SHORT_RUNS = 5


class Ended(Exception):
    """Somebody asked for the end: Ctrl-C, TERM, or the parent is gone."""


class KeepsDying(Exception):
    """A process that cannot be kept alive."""


@dataclass
class Child:
    """One process to run. `stops` are the signals that end it, with the seconds each may take.

    A child with a `before` is a foundation: `before` clears what an earlier one left, each time it
    is started, and it ends after all others.
    """

    name: str
    command: list[str]
    env: Mapping[str, str]
    cwd: Path
    stops: str = leash.GENTLE
    owner: tuple[int, int] | None = None
    log: Path | None = None
    before: Callable[[], None] | None = None
    capture: list[str] | None = None

    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    pending: bytes = field(default=b"", init=False)
    started: float = field(default=0.0, init=False)
    restart: float | None = field(default=None, init=False)
    short_runs: int = field(default=0, init=False)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """The parent of all processes of one run. Use as a context: leaving it ends them, in order."""

    def __init__(self, *, lock: int, parent: int | None = None) -> None:
        self.children: list[Child] = []
        self.ending = False
        self._lock = lock
        self._parent = parent
        self._selector = selectors.DefaultSelector()
        self._width = 9

    def __enter__(self) -> Self:
        self._wake, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._wake, False)
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        self._handlers = {number: signal.signal(number, self._end_soon) for number in ENDING}
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        signal.set_wakeup_fd(-1)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._selector.close()
        os.close(self._wake)
        os.close(self._bell)

    def start(self, child: Child) -> Child:
        """Start `child`; it is started again whenever it ends, until `end` or `finish`."""
        self.children.append(child)
        self._spawn(child)
        return child

    def finish(self, child: Child) -> int:
        """Run `child` once, to its end, and answer its exit code."""
        self.children.append(child)
        self._spawn(child)
        while child.is_alive:
            self.turn(keep=False)
        self._drain(child)
        self.children.remove(child)
        return self._reap(child)

    def turn(self, seconds: float = 1.0, *, keep: bool = True) -> None:
        """Pass on output for up to `seconds`, start again what has ended, and notice signals."""
        self._pump(seconds)
        if self._parent is not None and os.getppid() != self._parent:
            self.ending = True
        if self.ending:
            raise Ended
        for child in self.children if keep else ():
            self._keep(child)

    def end(self) -> None:
        """End every process: the doors and workers together, then what they rely on."""
        tiers: list[list[Child]] = [[], []]
        for child in self.children:
            tiers[0 if child.before is None else 1].append(child)
        for tier in tiers:
            for child in tier:
                self._let_go(child)
            while any(child.is_alive for child in tier):
                self._pump(0.2)
            for child in tier:
                self._drain(child)
                self._reap(child)
        self.children.clear()

    def say(self, text: str, *, name: str = "allmende") -> None:
        # A reader that went away (`make run | head`) must not end the service.
        with contextlib.suppress(BrokenPipeError):
            print(f"{name:<{self._width}} | {text}", flush=True)

    def _end_soon(self, *_: int | FrameType | None) -> None:
        self.ending = True

    def _spawn(self, child: Child) -> None:
        if child.before is not None:
            child.before()
        options = ["--stops", child.stops, "--cwd", str(child.cwd)]
        if child.owner is not None:
            options += ["--owner", f"{child.owner[0]}:{child.owner[1]}"]
        with contextlib.ExitStack() as stack:
            log = None if child.log is None else stack.enter_context(child.log.open("ab"))
            child.process = subprocess.Popen(
                [sys.executable, "-I", "-S", leash.__file__, *options, "--", *child.command],
                stdin=subprocess.PIPE,
                stdout=log or subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=child.env,
                start_new_session=True,
                # The lock stays taken until the last leash has ended, whatever befalls us.
                pass_fds=(self._lock,),
            )
        child.started, child.restart = time.monotonic(), None
        if child.process.stdout is not None:
            os.set_blocking(child.process.stdout.fileno(), False)
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _keep(self, child: Child) -> None:
        if child.is_alive:
            return
        if child.restart is None:
            self._drain(child)
            ran_seconds = time.monotonic() - child.started
            code = self._reap(child)
            child.short_runs = child.short_runs + 1 if ran_seconds < LONG_RUN_SECONDS else 1
            if child.short_runs >= MOST_SHORT_RUNS:
                raise KeepsDying(f"{child.name} keeps ending (exit code {code}).")
            pause = 0.0 if child.short_runs == 1 else 2.0 ** (child.short_runs - 3)
            child.restart = time.monotonic() + pause
            self.say(f"{child.name} ended with exit code {code}. Starting it again.")
        if time.monotonic() >= child.restart:
            self._spawn(child)

    def _let_go(self, child: Child) -> None:
        if child.process is not None and child.process.stdin is not None:
            child.process.stdin.close()

    def _reap(self, child: Child) -> int:
        process, child.process = child.process, None
        if process is None:
            return 0
        self._let_go(child)
        code = process.wait()
        if child.before is None:
            # What a command, or a killed leash, left behind in its group ends with it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        self._close(process)
        return code

    def _close(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is not None and not process.stdout.closed:
            self._selector.unregister(process.stdout)
            process.stdout.close()

    def _pump(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 512)
            else:
                self._read(key.data)

    def _read(self, child: Child) -> bool:
        if child.process is None or child.process.stdout is None or child.process.stdout.closed:
            return False
        try:
            received = os.read(child.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return False
        *lines, child.pending = (child.pending + received).split(b"\n")
        for line in lines:
            self._pass_on(child, line)
        if not received:
            self._close(child.process)
        return bool(received)

    def _drain(self, child: Child) -> None:
        while self._read(child):
            pass
        if child.pending:
            self._pass_on(child, child.pending)
            child.pending = b""

    def _pass_on(self, child: Child, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r")
        if child.capture is not None:
            child.capture.append(text)
        else:
            self.say(text, name=child.name)
