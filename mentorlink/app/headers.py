"""Headers of every answer."""

from flask import Flask, Response, request

from mentorlink.core.settings import Settings

EXIT_TARGET = "https://www.jma.go.jp"
CONTENT_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        f"form-action 'self' {EXIT_TARGET}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FILES = ("static", "vendor")
ONE_YEAR = 365 * 24 * 3600


def install(app: Flask, settings: Settings) -> None:
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.secure:
            response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
        _say_what_may_be_kept(response)
        return response

    app.after_request(add_headers)


def _say_what_may_be_kept(response: Response) -> None:
    """Files carry their content's mark in the address and may stay for ever; pages are somebody's own."""
    if request.endpoint in FILES and response.status_code in (200, 304):
        named = "v" in request.args
        response.headers["Cache-Control"] = (
            f"public, max-age={ONE_YEAR}, immutable" if named else "public, max-age=300"
        )
    else:
        response.headers["Cache-Control"] = "no-store"
