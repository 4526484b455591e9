"""What the frame of every page shows: words in the reader's language, the way about, the telephone."""

from typing import Any

from flask import Flask, g, request
from markupsafe import Markup

from mentorlink.core.i18n import gettext, set_language
from mentorlink.core.preferences import COOKIE, Preferences
from mentorlink.core.settings import Settings
from mentorlink.core.text_input import show_phone
from mentorlink.core.web import actor
from mentorlink.core.web import settings as current_settings
from mentorlink.home.navigation import footer_links, nav_items


def install(app: Flask, settings: Settings) -> None:
    paths = frozenset(rule.rule for rule in app.url_map.iter_rules())
    phone = show_phone(settings.office_phone)

    def read_preferences() -> None:
        g.preferences = Preferences.read(request.cookies.get(COOKIE))
        set_language(g.preferences.language)

    def fill_frame() -> dict[str, Any]:
        preferences = g.get("preferences") or Preferences()
        who = actor()
        return {
            "display_classes": preferences.display_classes,
            "nav_items": nav_items(who, request.path, paths),
            "footer_links": footer_links(who, paths),
            "is_known": who.is_known,
            "has_line": current_settings().has_line,
            "here": request.full_path if request.method == "GET" and not g.get("went_wrong") else "",
        }

    app.before_request_funcs.setdefault(None, []).insert(0, read_preferences)
    app.context_processor(fill_frame)
    app.jinja_env.globals |= {"office_phone": phone, "demo_mode": settings.demo, "Markup": Markup}
    app.jinja_env.globals["office_hours_words"] = lambda: gettext("平日10時〜17時")
