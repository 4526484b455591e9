"""What LINE tells us: somebody wrote, followed or left. Believed by its signature alone, worked through once.

The answer to LINE comes first; the words for the chat go out after it, while their token is fresh. What somebody
writes in the chat is neither kept nor logged.
"""

import json
import logging
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Response, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentorlink.applications.crisis import helplines_after
from mentorlink.core.db import transaction
from mentorlink.core.language import use_language
from mentorlink.core.line import REPLY_SECONDS, LineClient, is_from_line, make_client
from mentorlink.core.settings import Settings
from mentorlink.core.text_input import show_phone
from mentorlink.core.transports import NotDelivered
from mentorlink.core.web import allow, anybody, db, now, settings
from mentorlink.home.line_words import nobody_reads_this, words_of_leaving, words_of_linking, words_of_welcome
from mentorlink.home.views import bp
from mentorlink.people.line import (
    as_code,
    is_new_event,
    leave_line,
    link_account,
    person_of_account,
    was_linked_after,
)
from mentorlink.people.models import Person

LONGEST_WORDS = 2000  # of a chat; more says nothing new about what it is
STOP_WORDS = {"停止", "取りやめ", "とりやめ", "やめる", "解除", "中止", "stop"}

log = logging.getLogger("mentorlink.line")


class Reply(NamedTuple):
    token: str
    text: str


@bp.post("/line/webhook")
@allow(anybody)
def receive_line(_ids: dict[str, Any]) -> Any:
    body = request.get_data(cache=False)
    if not _is_genuine(body):
        return Response(status=401)
    events = _events_in(body)
    if events is None:
        return Response(status=400)
    replies = [reply for event in events if (reply := _once(db(), event)) is not None]
    response = Response(status=200)
    response.call_on_close(_sender(replies, settings()))
    return response


def _is_genuine(body: bytes) -> bool:
    """Asked before anything reads the bytes. Without LINE nothing is."""
    if not settings().has_line:
        return False
    secret = settings().line_channel_secret.get_secret_value()
    return is_from_line(body, request.headers.get("X-Line-Signature", ""), secret)


def _events_in(body: bytes) -> list[Mapping[str, Any]] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    events = found.get("events") if isinstance(found, dict) else None
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else None


def _once(session: Session, event: Mapping[str, Any]) -> Reply | None:
    """One event in one transaction; LINE sends it again when it is in doubt, and two may come at once."""
    event_id, account = event.get("webhookEventId"), _account_of(event)
    if not isinstance(event_id, str) or account is None:
        return None
    try:
        with transaction(session):
            if not is_new_event(session, event_id, now=now()):
                return None
            text = _work(session, event, account)
    except IntegrityError:  # the same at this moment, in another process
        return None
    token = event.get("replyToken")
    return Reply(token, text) if text and isinstance(token, str) and event.get("mode") != "standby" else None


def _work(session: Session, event: Mapping[str, Any], account: str) -> str | None:
    """What is said in the chat; None where nothing is."""
    person, kind = person_of_account(session, account), event.get("type")
    if kind == "unfollow":
        _leave(session, person, _instant_of(event))
        return None
    with use_language(person.language if person is not None else "ja"):
        if kind == "follow":
            return words_of_welcome()
        if kind == "message":
            return _answer(session, account, person, _text_of(event))
    return None


def _answer(session: Session, account: str, person: Person | None, text: str) -> str:
    phone = show_phone(settings().office_phone)
    code = as_code(text)
    if code is not None:
        return words_of_linking(link_account(session, account, code, now=now()), phone)
    if _key(text) in STOP_WORDS:
        _leave(session, person, None)
        return words_of_leaving()
    return nobody_reads_this(phone, helplines_after(text))


def _leave(session: Session, person: Person | None, at: datetime | None) -> None:
    """An old farewell that comes after a new beginning says nothing about now."""
    if person is not None and (at is None or not was_linked_after(session, person, at)):
        leave_line(session, person, now=now())


def _account_of(event: Mapping[str, Any]) -> str | None:
    """One person's chat; groups and rooms are none of ours."""
    source = event.get("source")
    if not isinstance(source, dict) or source.get("type") != "user":
        return None
    account = source.get("userId")
    return account if isinstance(account, str) and 0 < len(account) <= 100 else None


def _text_of(event: Mapping[str, Any]) -> str:
    message = event.get("message")
    text = message.get("text") if isinstance(message, dict) else None
    return text[:LONGEST_WORDS].replace("\0", "") if isinstance(text, str) else ""


def _instant_of(event: Mapping[str, Any]) -> datetime | None:
    """When it happened, by LINE's clock, in milliseconds."""
    at = event.get("timestamp")
    if not isinstance(at, int) or not 0 < at < 10**14:
        return None
    return datetime.fromtimestamp(at / 1000, UTC)


def _key(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).strip("「」。.!")


def _sender(replies: list[Reply], settings: Settings) -> Any:
    """Sends the words once LINE has its answer. One that is lost is no harm: the page says how things stand."""

    def send() -> None:
        client = make_client(settings, timeout=REPLY_SECONDS) if replies else None
        if client is None:
            return
        for reply in replies:
            if not _say(client, reply):
                break  # LINE is silent: the others would only keep this process waiting
        client.close()

    return send


def _say(client: LineClient, reply: Reply) -> bool:
    try:
        client.reply(reply.token, reply.text)
    except NotDelivered as problem:
        log.warning("a reply did not go out: %s", problem)
        return False
    return True
