"""The journeys take the first Chromium that really starts."""

import os
from pathlib import Path

import pytest

from launcher import browser


def program(path: Path, exit_code: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return path


def test_a_named_browser_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = program(tmp_path / "mine", 0)
    monkeypatch.setenv("CHROMIUM", str(named))

    assert browser.find_or_install(print) == str(named)


def test_a_browser_that_does_not_start_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "gone"))
    program(tmp_path / "bin" / "chromium", 1)
    working = program(tmp_path / "bin" / "google-chrome", 0)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    assert browser.find_or_install(print) == str(working)


@pytest.mark.parametrize("package", browser.PACKAGES)
def test_what_debian_has_is_installed(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = tmp_path / "bin"
    program(places / "apt-get", 0).write_text(
        "#!/bin/sh\n"
        f'case " $* " in *" {package} "*)\n'
        f"  printf '#!/bin/sh\\n' > {places / package}; /bin/chmod +x {places / package};;\n"
        "esac\n"
    )
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(places))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert browser.find_or_install(print) == str(places / package)


def test_without_any_the_way_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_candidates", lambda tell: iter(()))

    with pytest.raises(browser.NoBrowser, match="make test BROWSER=no"):
        browser.find_or_install(print)
