"""Translation catalogues: compiled when their text is newer than what was compiled."""

from pathlib import Path


def compile_stale(checkout: Path) -> int:
    """Compile what is stale and answer how many catalogues that were."""
    stale = [
        source
        for source in sorted(checkout.glob("*/**/LC_MESSAGES/*.po"))
        if ".venv" not in source.parts and _is_stale(source)
    ]
    if stale:
        # Babel is slow to import and is seldom needed here.
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po
    for source in stale:
        target = source.with_suffix(".mo")
        unfinished = target.with_suffix(".unfinished")
        with source.open("rb") as text, unfinished.open("wb") as compiled:
            write_mo(compiled, read_po(text, locale=source.parents[1].name))
        unfinished.rename(target)
    return len(stale)


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime
