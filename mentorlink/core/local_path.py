"""Where to go next, when the address bar or a form says so: a path of ours, or home."""

from urllib.parse import urlsplit

HOME = "/"
LONGEST = 2000


def local_path(wanted: str | None) -> str:
    """``wanted`` if it is a path on this site. ``//evil``, ``\\evil``, ``https:`` and what hides in them give ``/``."""
    if not wanted or len(wanted) > LONGEST or not wanted.startswith("/"):
        return HOME
    if wanted.startswith("//") or "\\" in wanted or any(ord(c) < 0x20 or ord(c) == 0x7F for c in wanted):
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else wanted
