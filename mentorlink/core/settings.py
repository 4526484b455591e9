"""Typed settings from the environment (``MENTORLINK_…``)."""

from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from mentorlink.core.rooms import is_room_address

INBOX_ONLY = "inbox:"


class Settings(BaseSettings):
    """All that an installation can set. ``mentorlink doctor`` explains each of them."""

    model_config = SettingsConfigDict(env_prefix="MENTORLINK_", extra="ignore", populate_by_name=True)

    database_url: str = "sqlite:///mentorlink.db"
    secret_key: SecretStr = SecretStr("")
    mail_url: str = INBOX_ONLY  # smtp://user:password@host:port, smtps://…, or inbox: (kept in the app only)
    mail_from: str = "office@mentorlink.example"
    mail_name: str = "mentorlink 事務局"
    base_url: str = "http://127.0.0.1:8000"
    zone: str = Field(default="Asia/Tokyo", validation_alias="MENTORLINK_TZ")
    office_phone: str = "+81287000000"
    line_channel_secret: SecretStr = SecretStr("")  # LINE is offered where secret and token are set
    line_channel_token: SecretStr = SecretStr("")
    line_base_url: str = "https://api.line.me"
    line_account_url: str = ""  # adds the account as a friend: https://line.me/R/ti/p/@…
    line_monthly_quota: int = Field(default=200, ge=0)  # recipients a month, as LINE counts them
    meeting_base_url: str = ""  # a Jitsi server, https://meet.example.org: a room for each talk without one
    demo: bool = False
    node_modules: Path | None = None

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError("no such time zone: Asia/Tokyo is the usual one") from error
        return value

    @field_validator("meeting_base_url")
    @classmethod
    def _is_a_place_for_rooms(cls, value: str) -> str:
        value = value.rstrip("/")
        if value and (not is_room_address(value) or set("?#") & set(value)):
            raise ValueError(
                "no address for rooms: https://meet.example.org, without a name or password in it"
            )
        return value

    @field_validator("base_url", "line_base_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def has_line(self) -> bool:
        return bool(
            self.line_channel_secret.get_secret_value() and self.line_channel_token.get_secret_value()
        )

    @property
    def line_is_here(self) -> bool:
        """A stub of LINE on this machine, for tests and demos."""
        return urlsplit(self.line_base_url).hostname in ("127.0.0.1", "localhost")

    @property
    def delivers_outside(self) -> bool:
        return self.mail_url != INBOX_ONLY
