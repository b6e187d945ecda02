"""The files the launcher reads and makes: Procfile, catalogues, locks, environment."""

import configparser
import hashlib
import json
import os
import re
import sys
from pathlib import Path

import pytest

from launcher import catalogues, environment, procfile

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Join"
msgstr "Mitmachen"
"""


def test_a_procfile_names_its_processes_in_order(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text('# What runs.\n\nweb: serve "a:b()"\nworker: work\n')

    assert procfile.read(path) == {"web": 'serve "a:b()"', "worker": "work"}


@pytest.mark.parametrize("text", ["web serve\n", "web: a\nweb: b\n", ": a\n"])
def test_a_line_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "Procfile"
    path.write_text(text)

    with pytest.raises(procfile.BadProcfile, match="Procfile, line"):
        procfile.read(path)


def test_a_single_command_replaces_its_shell() -> None:
    assert procfile.arguments("serve 'a:b()'")[2] == "exec serve 'a:b()'"
    assert procfile.arguments("one && two")[2] == "one && two"


def test_our_own_procfile_has_what_a_host_expects() -> None:
    assert {"release", "web", "worker"} <= procfile.read(ROOT / "Procfile").keys()


def test_catalogues_are_compiled_when_their_text_is_newer(tmp_path: Path) -> None:
    folder = tmp_path / "translations" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "messages.po"
    source.write_text(CATALOGUE)

    assert catalogues.compile_stale(tmp_path) == 1
    assert catalogues.compile_stale(tmp_path) == 0
    os.utime(folder / "messages.mo", (0, 0))
    assert catalogues.compile_stale(tmp_path) == 1
    assert b"Mitmachen" in (folder / "messages.mo").read_bytes()


def test_without_catalogues_there_is_nothing_to_compile(tmp_path: Path) -> None:
    assert catalogues.compile_stale(tmp_path) == 0


@pytest.mark.parametrize("name", environment.LOCKS.values())
def test_a_lock_pins_every_package_by_hash_and_names_no_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    packages = re.findall(r"^[a-z0-9].*(?:\n    --hash.*)*", text, re.MULTILINE)

    assert packages
    assert all(re.match(r"[a-z0-9.-]+==\S+.*\\\n    --hash=sha256:", one) for one in packages)
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|^/|\s/", text, re.MULTILINE)


def test_the_development_lock_holds_all_of_the_other_in_the_same_versions() -> None:
    run, dev = (
        set(re.findall(r"^[a-z0-9].*==[^\s;]+", (ROOT / name).read_text(), re.MULTILINE))
        for name in environment.LOCKS.values()
    )

    assert run < dev


def test_everything_that_setup_asks_for_is_locked() -> None:
    declared = configparser.ConfigParser()
    declared.read(ROOT / "setup.cfg")
    wanted = declared["options"]["install_requires"] + declared["options.extras_require"]["dev"]
    names = {re.split(r"[\s\[<>=]", line)[0].lower() for line in wanted.strip().splitlines()}
    locked = re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements-dev.lock").read_text(), re.M)

    assert names <= set(locked)


def test_an_environment_is_made_again_only_when_its_lock_changed(tmp_path: Path) -> None:
    for name in environment.LOCKS.values():
        (tmp_path / name).write_text("")

    environment.ensure(tmp_path, "dev")
    stamp = tmp_path / ".venv" / environment.STAMP
    made = stamp.stat().st_mtime_ns
    environment.ensure(tmp_path, "dev")
    environment.ensure(tmp_path, "run")

    assert stamp.stat().st_mtime_ns == made
    (tmp_path / "requirements.lock").write_text("# changed\n")
    environment.ensure(tmp_path, "run")
    changed = hashlib.sha256(b"# changed\n").hexdigest()
    assert json.loads(stamp.read_text())["run"] == changed


def test_an_environment_that_was_moved_is_made_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    for name in environment.LOCKS.values():
        (first / name).write_text("")
    environment.ensure(first, "run")

    first.rename(second)
    environment.ensure(second, "run")

    pip = (second / ".venv" / "bin" / "pip").read_text()
    assert str(second) in pip.splitlines()[0] + pip.splitlines()[1]


def test_the_python_that_runs_this_is_one_we_promise() -> None:
    assert environment.OLDEST <= sys.version_info[:2] <= environment.NEWEST
