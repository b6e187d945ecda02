"""The commands behind the Makefile."""

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from launcher import backups, databases, instance, postgres, settings
from launcher.browser import NoBrowser, find_or_install
from launcher.catalogues import compile_stale
from launcher.lock import write
from launcher.procfile import BadProcfile
from launcher.run import Failed, fresh_demo, run
from launcher.supervisor import Ended, KeepsDying

REFUSALS = (
    BadProcfile,
    Failed,
    KeepsDying,
    NoBrowser,
    backups.CouldNotRestore,
    instance.AlreadyRuns,
    postgres.CouldNotStart,
    postgres.StillRunning,
    settings.BadSetting,
    PermissionError,
    subprocess.CalledProcessError,
)

INTERRUPTED = 130


def main() -> int:
    options = _parser().parse_args()
    checkout: Path = options.directory.resolve()
    try:
        code: int = options.act(checkout, options)
    except (Ended, KeyboardInterrupt):
        return INTERRUPTED
    except REFUSALS as refusal:
        print(f"allmende: {refusal}", file=sys.stderr, flush=True)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="allmende", description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path.cwd(), help="the checkout")
    commands = parser.add_subparsers(required=True, metavar="command")

    running = commands.add_parser("run", help="start everything and keep it alive")
    running.add_argument(
        "--end-with-parent", action="store_true", help="end when the calling process has ended"
    )
    running.set_defaults(act=_run)

    testing = commands.add_parser("test", help="run the tests with a database of their own")
    testing.add_argument("arguments", nargs="*", help="for pytest")
    testing.set_defaults(act=_test)

    waiting = commands.add_parser("database", help="start the embedded database, print its URL")
    waiting.set_defaults(act=lambda checkout, _: _database(checkout))

    with_one = commands.add_parser("with-database", help="run a command with DATABASE_URL set")
    with_one.add_argument("--throw-away", action="store_true", help="with a new, empty one")
    with_one.add_argument("command", nargs="+")
    with_one.set_defaults(act=_with_database)

    backing_up = commands.add_parser("backup", help="write the whole database into one file")
    backing_up.add_argument("file", type=Path)
    backing_up.set_defaults(act=_backup)

    restoring = commands.add_parser("restore", help="read such a file into an empty database")
    restoring.add_argument("file", type=Path)
    restoring.set_defaults(act=_restore)

    demo = commands.add_parser("demo", help="throw the data away, make a fresh demo world")
    demo.set_defaults(act=lambda checkout, _: _demo(checkout))

    compiling = commands.add_parser("catalogues", help="compile stale translation catalogues")
    compiling.set_defaults(act=lambda checkout, _: compile_stale(checkout) * 0)

    locking = commands.add_parser("lock", help="write the locks anew from setup.cfg")
    locking.add_argument("arguments", nargs="*", help="for uv, for example --upgrade")
    locking.set_defaults(act=lambda checkout, options: write(checkout, options.arguments))
    return parser


def _run(checkout: Path, options: argparse.Namespace) -> int:
    return run(checkout, parent=os.getppid() if options.end_with_parent else None)


def _test(checkout: Path, options: argparse.Namespace) -> int:
    compile_stale(checkout)
    env = settings.with_scripts(os.environ)
    # Some tests take a minute: whoever has nothing left takes over from the other.
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal"]
    if env.get("BROWSER", "").lower() == "no":
        command += ["-m", "not browser"]
    else:
        env["CHROMIUM"] = find_or_install(databases.tell)
    # Of two markers that are asked for, pytest takes the later one.
    command += options.arguments
    with databases.throw_away() as (url, supervisor):
        return databases.follow(command, env | {"TEST_DATABASE_URL": url}, checkout, supervisor)


def _database(checkout: Path) -> int:
    if instance.is_running(databases.runs(checkout)):
        print(postgres.running_url(postgres.lasting(checkout)))
        return 0
    with databases.lasting(checkout) as (url, supervisor):
        print(url, flush=True)
        with contextlib.suppress(Ended):
            while True:
                supervisor.turn()
    return 0


def _with_database(checkout: Path, options: argparse.Namespace) -> int:
    env = _with_tools()
    if not options.throw_away and instance.is_running(databases.runs(checkout)):
        env["DATABASE_URL"] = postgres.running_url(postgres.lasting(checkout))
        return subprocess.run(options.command, env=env, cwd=checkout, check=False).returncode
    with contextlib.ExitStack() as stack:
        source = databases.throw_away() if options.throw_away else databases.lasting(checkout)
        env["DATABASE_URL"], supervisor = stack.enter_context(source)
        return databases.follow(options.command, env, checkout, supervisor)


def _backup(checkout: Path, options: argparse.Namespace) -> int:
    env = _with_tools()
    if not env.get("DATABASE_URL") and instance.is_running(databases.runs(checkout)):
        env["DATABASE_URL"] = postgres.running_url(postgres.lasting(checkout))
    with _database_of(checkout, env):
        return backups.back_up(options.file, env)


def _restore(checkout: Path, options: argparse.Namespace) -> int:
    env = _with_tools()
    with _database_of(checkout, env):
        return backups.restore(options.file, env, overwrites=os.environ.get("CONFIRM") == "yes")


@contextlib.contextmanager
def _database_of(checkout: Path, env: dict[str, str]) -> Iterator[None]:
    """The database that is named, or else the embedded one, which nobody may be running."""
    if env.get("DATABASE_URL"):
        yield
    else:
        with databases.lasting(checkout) as (env["DATABASE_URL"], _):
            yield


def _with_tools() -> dict[str, str]:
    """Our environment, in which psql, pg_dump and pg_restore are those of the server."""
    env = settings.with_scripts(os.environ)
    return {**env, "PATH": f"{postgres.installed()}{os.pathsep}{env['PATH']}"}


def _demo(checkout: Path) -> int:
    if os.environ.get("CONFIRM") != "yes":
        if not sys.stdin.isatty():
            raise Failed("All data of this checkout would go. Say so: make demo CONFIRM=yes")
        if input("All data of this checkout will go. Type yes to go on: ").strip() != "yes":
            return 1
    return fresh_demo(checkout)


if __name__ == "__main__":
    sys.exit(main())
