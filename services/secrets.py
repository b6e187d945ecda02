"""Secrets: drawn at random, shown once, kept only as a hash."""

import hashlib
import secrets


def draw() -> str:
    """A new token of 256 bits, safe in an address and in a header."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> bytes:
    """What is kept of a token. It is random, so a fast hash is enough (OWASP ASVS 6.5.2)."""
    return hashlib.sha256(token.encode()).digest()


def draw_key() -> str:
    """A short key for an address: hard to guess, fit to be read aloud."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(12))
