"""The table: what was measured, beside its floor, and which target holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measuring import Inside, Outside

CPU_TARGET_MS = 5.0
JOIN_TARGET = 0.25
STATEMENTS = {"list": 6, "detail": 10, "join": 14}
HEAD = (
    "", "req/s", "floor", "ratio", "p50 ms", "p95 ms",
    "CPU ms", "floor", "with few", "statements", "peak KiB",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One kind of request: within the process, with few deals too, and over the network."""

    name: str
    many: Inside | None
    few: Inside | None
    outside: Outside

    def cells(self) -> list[str]:
        ours, floor = self.outside.ours, self.outside.floor
        cells = [
            self.name,
            f"{ours.per_second:.0f}",
            f"{floor.per_second:.0f}",
            f"{self.outside.ratio:.2f}",
            f"{ours.percentile_ms(0.5):.1f}",
            f"{ours.percentile_ms(0.95):.1f}",
        ]
        if self.many is None or self.few is None:
            return cells + [""] * (len(HEAD) - len(cells))
        return [
            *cells,
            f"{self.many.cpu_ms:.1f}",
            f"{self.many.floor_cpu_ms:.1f}",
            f"{self.few.cpu_ms:.1f}",
            f"{self.many.statements}",
            f"{self.many.peak_kib}",
        ]


def drawn(lines: Sequence[Line]) -> str:
    rows = [list(HEAD), *(line.cells() for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def targets(lines: Sequence[Line]) -> list[tuple[str, bool]]:
    """Each target with its figure, and whether it holds."""
    found = []
    for line in lines:
        if line.many is not None and line.name in ("list", "detail"):
            cpu = line.many.cpu_ms
            found.append((f"{line.name}: {cpu:.1f} of {CPU_TARGET_MS} ms", cpu <= CPU_TARGET_MS))
        if line.name.startswith("join"):
            ratio = line.outside.ratio
            found.append(
                (f"{line.name}: {ratio:.2f} × its floor, from {JOIN_TARGET}", ratio >= JOIN_TARGET)
            )
        most = STATEMENTS.get(line.name)
        if line.many is not None and most is not None:
            count = line.many.statements
            found.append((f"{line.name}: {count} of {most} statements", count <= most))
    return found
