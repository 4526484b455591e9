"""Where the files that are not Python live: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parent
_INSTALLED = _PACKAGE / "_resources"


def resource(*parts: str) -> Path:
    """Path of a shipped file or folder, for example ``resource("seed", "taxonomies.csv")``."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root.joinpath(*parts)
