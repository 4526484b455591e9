"""The page that a list's address asks for."""

from flask import request

MOST = 100_000


def asked_page() -> int:
    """1 for whatever is no page number."""
    text = request.args.get("page", "")
    return min(max(1, int(text)), MOST) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
