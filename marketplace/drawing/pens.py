# ruff: noqa: E501 - paths of drawings
"""Strokes of SVG and choices drawn from a key: the same key gives the same picture on every machine."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Pen:
    """A stream of choices that depends on nothing but its key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._turn = 0

    def unit(self) -> float:
        """A number from 0 up to, not including, 1."""
        block = hashlib.sha256(self._key + self._turn.to_bytes(4, "big")).digest()
        self._turn += 1
        return int.from_bytes(block[:4], "big") / 2**32

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.unit()

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.unit() * len(choices))]

    def chance(self, share: float) -> bool:
        return self.unit() < share


def number(value: float) -> str:
    """One decimal is finer than any screen shows at this size."""
    return f"{value:.1f}".removesuffix(".0")


def tag(name: str, content: str = "", **attributes: float | str) -> str:
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(value) if isinstance(value, float) else value}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def rect(x: float, y: float, width: float, height: float, fill: str, round_: float = 0.0) -> str:
    return tag("rect", x=x, y=y, width=width, height=height, fill=fill, rx=round_)


def circle(x: float, y: float, radius: float, fill: str) -> str:
    return tag("circle", cx=x, cy=y, r=radius, fill=fill)


def oval(x: float, y: float, across: float, down: float, fill: str, turn: float = 0.0) -> str:
    turned = {"transform": f"rotate({number(turn)} {number(x)} {number(y)})"} if turn else {}
    return tag("ellipse", cx=x, cy=y, rx=across, ry=down, fill=fill, **turned)


def shape(d: str, fill: str) -> str:
    return tag("path", d=d, fill=fill)


def line(d: str, stroke: str, width: float = 3.0) -> str:
    return tag(
        "path",
        d=d,
        fill="none",
        stroke=stroke,
        stroke_width=width,
        stroke_linecap="round",
        stroke_linejoin="round",
    )


def placed(content: str, x: float, y: float, scale: float = 1.0) -> str:
    """`content`, drawn around the origin, moved so that it stands at (x, y)."""
    move = f"translate({number(x)} {number(y)})"
    return tag("g", content, transform=move if scale == 1.0 else f"{move} scale({scale:.2f})")


def joined(parts: Iterable[str]) -> str:
    return "".join(parts)
