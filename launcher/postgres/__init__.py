"""The embedded PostgreSQL: the wheel's binaries, our own start, stop and recovery."""

from launcher.postgres.binaries import installed
from launcher.postgres.cluster import Cluster, CouldNotStart, running_url
from launcher.postgres.places import Place, lasting, sweep_throw_aways, throw_away
from launcher.postgres.remains import StillRunning, clear

__all__ = [
    "Cluster",
    "CouldNotStart",
    "Place",
    "StillRunning",
    "clear",
    "installed",
    "lasting",
    "running_url",
    "sweep_throw_aways",
    "throw_away",
]
