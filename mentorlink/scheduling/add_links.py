"""Addresses that put a talk, or a whole feed, into the calendars people have.

What they say goes to Google or Microsoft: neutral words and the page of the talk, which opens nothing without a way
in of one's own. No name and no token of a meeting ever stands in them; a feed's own address does, because reading it
is what they are asked for.
"""

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from mentorlink.scheduling.calendar_files import BUSY, BUSY_NAME, NAME, SUMMARY

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK_EVENT = "https://outlook.live.com/calendar/0/deeplink/compose"
OUTLOOK_FEED = "https://outlook.live.com/calendar/0/addfromweb"


class AddLinks(NamedTuple):
    google: str
    outlook: str
    apple: str  # a file, or webcal: Apple's and every other program read it


def add_talk(
    starts_at: datetime, ends_at: datetime, *, page: str, file: str, discreet: bool = False
) -> AddLinks:
    """``discreet``: the word 予定 alone. ``page`` and ``file`` are addresses of the talk and of its file."""
    title, details = (BUSY, "") if discreet else (SUMMARY, page)
    starts, ends = (each.astimezone(UTC) for each in (starts_at, ends_at))
    google = {"action": "TEMPLATE", "text": title, "dates": f"{starts:%Y%m%dT%H%M%SZ}/{ends:%Y%m%dT%H%M%SZ}"}
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": f"{starts:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{ends:%Y-%m-%dT%H:%M:%SZ}",
    }
    if details:
        google["details"], outlook["body"] = details, details
    return AddLinks(_with(GOOGLE, google), _with(OUTLOOK_EVENT, outlook), file)


def add_feed(address: str, *, discreet: bool = False) -> AddLinks:
    webcal = f"webcal://{address.partition('://')[2]}"
    outlook = {"url": address, "name": BUSY_NAME if discreet else NAME}
    return AddLinks(_with(GOOGLE, {"cid": webcal}), _with(OUTLOOK_FEED, outlook), webcal)


def _with(address: str, parameters: dict[str, str]) -> str:
    return f"{address}?{urlencode(parameters, quote_via=quote)}"
