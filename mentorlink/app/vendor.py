"""Front-end files of others, from node_modules: only those named here. And the mark that lets browsers keep files."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, send_file

from mentorlink.core.paths import resource
from mentorlink.core.settings import Settings
from mentorlink.core.web import allow, anybody

WHITELIST = ("htmx.org/dist/htmx.min.js", "@digital-go-jp/design-tokens/dist/tokens.css")


def install(app: Flask, settings: Settings) -> None:
    root = settings.node_modules or resource("node_modules")

    @allow(anybody)
    def vendor(values: dict[str, str]) -> Response:
        name = values["filename"]
        if name not in WHITELIST or not (root / name).is_file():
            abort(404)
        return send_file(root / name)

    app.add_url_rule("/vendor/<path:filename>", "vendor", vendor, methods=["GET"])

    @app.url_defaults
    def mark_files(endpoint: str, values: dict[str, Any]) -> None:
        folder = {"static": Path(app.static_folder or ""), "vendor": root}.get(endpoint)
        if folder is not None and "filename" in values and (folder / values["filename"]).is_file():
            path = folder / values["filename"]
            values.setdefault("v", _mark(path, path.stat().st_mtime_ns))


@cache
def _mark(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
