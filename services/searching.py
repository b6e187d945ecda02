"""Searching: the words that somebody looks for in a list, no more than one statement can bear."""

MOST_WORDS = 6


def words_of(text: str) -> list[str]:
    """The first six words; each of them has to stand somewhere in what is found."""
    return text.split()[:MOST_WORDS]
