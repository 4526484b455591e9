"""Time zones to choose from, in the language of the page."""

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from mentorlink.core.dates import zone_label
from mentorlink.core.i18n import lazy, plain
from mentorlink.core.language import current_language

HOME = "Asia/Tokyo"
REGIONS = {
    "Asia": lazy("アジア"),
    "Europe": lazy("ヨーロッパ"),
    "America": lazy("南北アメリカ"),
    "Australia": lazy("オーストラリア"),
    "Pacific": lazy("太平洋"),
    "Africa": lazy("アフリカ"),
    "Atlantic": lazy("大西洋"),
    "Indian": lazy("インド洋"),
}
Zones = tuple[tuple[str, str], ...]  # (IANA name, what people call it)


def zone_groups() -> tuple[tuple[str, Zones], ...]:
    """(region, its zones) in the current language; Japan's stands alone before them and is in none."""
    return _groups(current_language().code)


def zone_name(zone: str) -> str:
    """``ロンドン（イギリス）``, ``東京``: the city, and the country where that says more."""
    code = current_language().code
    city, territory = zone_label(zone), _territory(zone, code)
    return city if zone == HOME or territory in (None, city) else f"{city}{_bracketed(territory, code)}"


@lru_cache(maxsize=4)
def _groups(code: str) -> tuple[tuple[str, Zones], ...]:
    places = _places(code)
    return tuple(
        (
            plain(word),
            tuple(sorted(((z, zone_name(z)) for z in places if z.startswith(f"{region}/")), key=_by_name)),
        )
        for region, word in REGIONS.items()
    )


def _places(code: str) -> list[str]:
    """Zones of today that Babel has a city for; old spellings of one are left out."""
    named, known = Locale(code).time_zones, available_timezones()
    return [z for z in get_global("zone_territories") if z in named and z in known and z != HOME]


def _territory(zone: str, code: str) -> str | None:
    return Locale(code).territories.get(get_global("zone_territories").get(zone, ""))


def _bracketed(text: str | None, code: str) -> str:
    return f"（{text}）" if code == "ja" else f" ({text})"


def _by_name(place: tuple[str, str]) -> str:
    return place[1]
