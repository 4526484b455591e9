"""Mails about accounts: joining, and a link for signing in. Both answer their reader and go at once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.core.i18n import plain
from mentorlink.core.links import Link, address_of
from mentorlink.core.outbox import Channel, OutboxMessage, plan_message


def tell_join(session: Session, user: User, link: Link, *, now: datetime) -> None:
    _tell(session, user, link, "join", now=now)


def tell_sign_in(session: Session, user: User, link: Link, *, now: datetime) -> None:
    _tell(session, user, link, "sign_in", now=now)


def _tell(session: Session, user: User, link: Link, what: str, *, now: datetime) -> None:
    plan_message(
        session,
        event=f"{what}:{link.id}",
        template=f"accounts/{what}",
        recipient=f"user:{user.id}",
        channel=Channel.MAIL,
        locale=user.language,
        about=f"user:{user.id}",
        now=now,
        due_at=now,
        not_after=link.expires_at,
        params={"link_id": link.id},
    )


def _link_context(label: str) -> Callable[[Session, OutboxMessage], dict[str, Any]]:
    def load(session: Session, message: OutboxMessage) -> dict[str, Any]:
        link = session.get_one(Link, message.params["link_id"])
        return {"action_url": address_of(link), "action_label": plain(label)}

    return load


CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    "accounts/join": _link_context("はじめる"),
    "accounts/sign_in": _link_context("中に入る"),
}
