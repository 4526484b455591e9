"""The few ways in which the domain says no."""


class RuleViolation(Exception):
    """A rule of the domain said no. ``code`` is a message key, never prose."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class TooMuch(RuleViolation):
    """What was sent is larger than we can take. Shown as 413."""


class Conflict(Exception):
    """Somebody else was faster: what was asked for is gone. Shown as 409 with the new state."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
