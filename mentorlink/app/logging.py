"""What a log may say about something that went wrong: where, never what somebody wrote or which link it was."""

import logging
import traceback
from typing import Any

from flask import Flask, request

log = logging.getLogger("mentorlink")


class QuietFlask(Flask):
    def log_exception(self, exc_info: Any) -> None:
        """The endpoint, the kind of exception and the lines of code; messages and paths may carry personal text."""
        kind, _error, trace = exc_info
        name = kind.__name__ if kind else "unknown"
        log.error("%s in %s\n%s", name, request.endpoint, "".join(traceback.format_tb(trace)))
