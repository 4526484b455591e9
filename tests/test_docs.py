"""What the README and the guides point to is there, and no picture lies about unused."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")


def places_in(text: Path) -> set[Path]:
    """The files and folders of this repository that it links to."""
    found = LINK.findall(text.read_text())
    return {(text.parent / each).resolve() for each in found if "://" not in each}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_every_link_leads_somewhere(text):
    assert [each for each in places_in(text) if not each.exists()] == []


def test_every_picture_is_shown_somewhere():
    shown = {place for text in TEXTS for place in places_in(text)}
    assert set((ROOT / "docs/images").iterdir()) - shown == set()
