"""What must hold of every page, whoever looks at it: read by the crawl and by the journeys."""

import re
from collections import Counter

import html5lib

INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\splaceholder=", re.IGNORECASE)
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')
XHTML = "{http://www.w3.org/1999/xhtml}"


def faults_of_page(html: str) -> list[str]:
    """Everything that is wrong with a page; an empty list where nothing is."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), strict=False)
    tree = parser.parse(html)
    faults = [f"not valid HTML: {code} at {position}" for position, code, _data in parser.errors]
    elements = list(tree.iter())
    ids = Counter(element.get("id") for element in elements if element.get("id"))
    faults += [f"id {name} stands {times} times" for name, times in ids.items() if times > 1]
    faults += [f"label for nothing: {name}" for name in _labels_for(elements) - set(ids)]
    faults += [f"described by nothing: {name}" for name in _described_by(elements) - set(ids)]
    faults += ["inline script or style"] if INLINE.search(html) else []
    faults += ["a placeholder"] if PLACEHOLDER.search(html) else []
    inert = {part for element in elements if element.get("inert") is not None for part in element.iter()}
    headings = [element for element in elements if element.tag == f"{XHTML}h1" and element not in inert]
    faults += [f"{len(headings)} headings of the first level"] if len(headings) != 1 else []
    return faults


def without_token(html: str) -> str:
    """A page as two visits compare it: the token of its forms is signed with the second it was made in."""
    return TOKEN.sub("", html)


def _labels_for(elements: list) -> set[str]:
    return {e.get("for") for e in elements if e.tag == f"{XHTML}label" and e.get("for")}


def _described_by(elements: list) -> set[str]:
    return {name for e in elements for name in (e.get("aria-describedby") or "").split()}
