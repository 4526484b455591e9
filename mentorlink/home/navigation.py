"""The few pages that each role finds at the top and at the foot of every page."""

from dataclasses import dataclass

from mentorlink.core.actor import Actor, Role
from mentorlink.core.i18n import gettext, mark


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    current: bool = False
    count: int | None = None


Places = tuple[tuple[str, str], ...]  # (message id, path)

_APPLICANT: Places = ((mark("わたしのページ"), "/my"), (mark("同意"), "/my/consents"))
_SUPPORTER: Places = (
    (mark("お返事待ち"), "/supporter"),
    (mark("カレンダー"), "/supporter/calendar"),
    (mark("空いている時間"), "/supporter/availability"),
    (mark("プロフィール"), "/supporter/profile"),
    (mark("お休み"), "/supporter/pause"),
    (mark("話せる人"), "/supporter/care"),
)
_OFFICE: Places = (
    (mark("今日の仕事"), "/office"),
    (mark("申込"), "/office/applications"),
    (mark("選考"), "/office/selections"),
    (mark("組み合わせ"), "/office/rounds"),
    (mark("伴走"), "/office/engagements"),
    (mark("カレンダー"), "/office/calendar"),
    (mark("連絡"), "/office/messages"),
    (mark("数字"), "/office/figures"),
    (mark("事業"), "/office/programmes"),
)
_COLLEAGUES: Places = ((mark("担当者"), "/office/colleagues"),)
_BY_ROLE: dict[Role, Places] = {
    Role.APPLICANT: _APPLICANT,
    Role.SUPPORTER: _SUPPORTER,
    Role.OFFICE: _OFFICE,
    Role.LEAD: _OFFICE + _COLLEAGUES,
    Role.ADMIN: _COLLEAGUES,
}
_BELONGS = {  # pages that stand under another's address
    "/calendar-feed": "/supporter/calendar",
    "/supporter/calendar-source": "/supporter/availability",
    "/office/reviews": "/office/selections",
    "/office/supporters": "/office/rounds",
    "/engagements": "/office/engagements",
    "/milestones": "/office/engagements",
}
_FOOT: Places = (
    (mark("受付番号で、続きから"), "/return"),
    (mark("講師・事務局の方"), "/sign-in"),
)


def nav_items(actor: Actor, path: str, known_paths: frozenset[str]) -> list[NavItem]:
    """The actor's pages; the one where they are, or the nearest above it, is marked."""
    places = [(label, url) for label, url in _places(actor) if url in known_paths]
    path = next((home for start, home in _BELONGS.items() if f"{path}/".startswith(f"{start}/")), path)
    above = [url for _label, url in places if path == url or path.startswith(f"{url}/")]
    here = max(above, key=len, default=None)
    return [NavItem(gettext(label), url, current=url == here) for label, url in places]


def footer_links(actor: Actor, known_paths: frozenset[str]) -> list[NavItem]:
    if actor.is_known:
        return []
    return [NavItem(gettext(label), url) for label, url in _FOOT if url in known_paths]


def first_page(role: Role) -> str:
    """Where somebody arrives after signing in."""
    return {
        Role.APPLICANT: "/my",
        Role.SUPPORTER: "/supporter",
        Role.OFFICE: "/office",
        Role.LEAD: "/office",
        Role.ADMIN: "/office/colleagues",
    }.get(role, "/")


def _places(actor: Actor) -> Places:
    if actor.scope is not None:
        return _APPLICANT if actor.scope[0] == "application" else ()
    return _BY_ROLE.get(actor.role, ())
