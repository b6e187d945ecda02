"""Where things are, and how far apart, on a round Earth; a member's place is never exact."""

from dataclasses import dataclass
from math import asin, cos, degrees, floor, radians, sin, sqrt

EARTH_RADIUS_KM = 6_371.0088
# Two decimals of latitude are 1.1 km: near enough to meet, too far to find a door.
ROUNDED_DECIMALS = 2


@dataclass(frozen=True)
class Coordinates:
    """A point in degrees: north and east are positive (WGS 84)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 180):
            raise ValueError(f"{self.latitude}, {self.longitude} is not on Earth")


@dataclass(frozen=True)
class Box:
    """What lies between two parallels and two meridians, edges included."""

    south: float
    west: float
    north: float
    east: float

    def __contains__(self, point: Coordinates) -> bool:
        is_between_parallels = self.south <= point.latitude <= self.north
        if self.west <= self.east:
            return is_between_parallels and self.west <= point.longitude <= self.east
        return is_between_parallels and (
            point.longitude >= self.west or point.longitude <= self.east
        )


def distance_km(a: Coordinates, b: Coordinates) -> float:
    """The great-circle distance by the haversine formula, right to about 0.5 %."""
    half_latitude = radians(b.latitude - a.latitude) / 2
    half_longitude = radians(b.longitude - a.longitude) / 2
    parallels = cos(radians(a.latitude)) * cos(radians(b.latitude))
    chord = sin(half_latitude) ** 2 + parallels * sin(half_longitude) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def rounded(latitude: float, longitude: float) -> Coordinates:
    """The point on a grid of about 1 km that stands for a place when it is shown or kept."""
    # Degrees of longitude shrink towards the poles, so the grid has wider ones farther north.
    parallel = round(latitude, ROUNDED_DECIMALS)
    step = 10**-ROUNDED_DECIMALS / max(cos(radians(parallel)), 0.01)
    steps_round_the_earth = floor(360 / step)
    meridian = round(longitude / 360 * steps_round_the_earth) * 360 / steps_round_the_earth
    return Coordinates(parallel, round(max(-180.0, min(180.0, meridian)), 4))


def box_around(centre: Coordinates, radius_km: float) -> Box:
    """A box that holds every point within `radius_km`; the corners hold some farther ones too.

    West is greater than east where the box crosses the 180th meridian, so a query for it needs
    OR instead of AND there. Around a pole the box is a whole cap.
    """
    angle = radius_km / EARTH_RADIUS_KM
    north = centre.latitude + degrees(angle)
    south = centre.latitude - degrees(angle)
    if north >= 90 or south <= -90:
        return Box(max(south, -90.0), -180.0, min(north, 90.0), 180.0)
    reach = degrees(asin(sin(angle) / cos(radians(centre.latitude))))
    return Box(south, _wrapped(centre.longitude - reach), north, _wrapped(centre.longitude + reach))


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180 if not -180 <= longitude <= 180 else longitude
