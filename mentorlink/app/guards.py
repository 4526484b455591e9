"""What is refused before any view is asked: foreign hosts, requests sent by other sites, unreadable bytes."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from mentorlink.core.settings import Settings
from mentorlink.core.storage import LARGEST_FILE
from mentorlink.core.web import web_session

LARGEST_REQUEST = 8 * 1024 * 1024
LARGEST_IMPORT = 51 * 1024 * 1024
LARGEST_UPLOAD = (
    LARGEST_FILE + 1024 * 1024
)  # the rest of the form: the file's own limit is the storage's to judge
LARGEST_WEBHOOK = 256 * 1024
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
HERE = ("127.0.0.1", "localhost")


def install(app: Flask, settings: Settings) -> None:
    own = urlsplit(settings.base_url)

    def refuse_foreign_host() -> Response | None:
        """A forged Host never reaches a page; X-Forwarded-… is not read at all."""
        known = request.environ.get("HTTP_HOST", "") in (own.netloc, own.hostname)
        return None if known or (settings.demo and _is_here()) else _plain("unknown host")

    def refuse_cross_site() -> Response | None:
        if request.method not in UNSAFE:
            return None
        if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            return _plain("sent from another site")
        # browsers write "null" where the page sends no referrer, as all of ours; then the token decides
        origin = request.headers.get("Origin", "null")
        return (
            None
            if origin == "null" or urlsplit(origin).netloc == request.host
            else _plain("sent from another site")
        )

    def set_largest() -> None:
        rule = request.url_rule.rule if request.url_rule is not None else ""
        if "/imports" in rule:
            request.max_content_length = LARGEST_IMPORT
        elif rule.endswith("/files"):
            request.max_content_length = LARGEST_UPLOAD
        elif rule.endswith("/webhook"):
            request.max_content_length = LARGEST_WEBHOOK

    app.before_request(refuse_foreign_host)
    app.before_request(_raise_what_the_session_met)
    app.before_request(refuse_cross_site)
    app.before_request(set_largest)
    app.before_request(refuse_nul)


def refuse_nul() -> Response | None:
    """NUL in a path or a parameter: no keyboard types it, and PostgreSQL cannot store it."""
    values = [request.path, *(text for pair in request.args.items(multi=True) for text in pair)]
    if request.method in UNSAFE:
        values += [text for pair in request.form.items(multi=True) for text in pair]
    return _plain("unreadable") if any("\0" in value for value in values) else None


def _raise_what_the_session_met() -> None:
    if problem := web_session().problem:
        raise problem


def _is_here() -> bool:
    try:
        return urlsplit(f"//{request.environ.get('HTTP_HOST', '')}").hostname in HERE
    except ValueError:
        return False


def _plain(words: str) -> Response:
    return Response(f"{words}\n", status=400, mimetype="text/plain")
