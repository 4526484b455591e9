"""A row of the outbox as a mail: its words, its parts, its headers. ``core.transports`` carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mentorlink.core import i18n
from mentorlink.core.i18n import mark, plain
from mentorlink.core.language import use_language
from mentorlink.core.paths import resource
from mentorlink.core.settings import Settings
from mentorlink.core.text_input import show_phone

POLICY = SMTP.clone(cte_type="7bit")  # a server without 8BITMIME takes it too
NEUTRAL_SENDER = mark("お知らせ")
NEUTRAL_SUBJECT = mark("ご連絡があります")
LAYOUT: Mapping[str, Any] = {  # what the frame of every mail asks for
    "action_url": None,
    "action_label": None,
    "step": None,
    "receipt_number": None,
    "office_hours": None,
}


@dataclass(frozen=True)
class Recipient:
    """Who reads it. ``safe_contact``: nobody who looks over a shoulder may learn what it is about."""

    address: str
    name: str
    language: str = "ja"
    safe_contact: bool = False
    line_user_id: str | None = None
    zone: str = "Asia/Tokyo"

    @property
    def display_name(self) -> str:
        return self.name


class Attachment(NamedTuple):
    """A calendar file; ``method`` is its METHOD (REQUEST, CANCEL, PUBLISH)."""

    filename: str
    content: bytes
    method: str


class Words(NamedTuple):
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Letter:
    """What a row of the outbox says about its mail."""

    outbox_id: int
    queued_at: datetime
    template: str
    locale: str


def write_mail(
    letter: Letter, recipient: Recipient, context: Mapping[str, Any], settings: Settings, *, now: datetime
) -> EmailMessage:
    """The whole mail. Written again from the same row it carries the same Message-ID.

    Raises ValueError on an address that is none, Jinja's errors on a template that asks for what its context lacks.
    """
    words = render_words(letter, recipient, context, settings)
    message = EmailMessage(policy=POLICY)
    with use_language(letter.locale):
        sender = plain(NEUTRAL_SENDER) if recipient.safe_contact else settings.mail_name
    message["From"] = Address(_one_line(sender), addr_spec=settings.mail_from)
    message["To"] = Address(_one_line(recipient.name), addr_spec=recipient.address)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(letter, settings)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text)
    message.add_alternative(words.html, subtype="html")
    if not recipient.safe_contact:
        _attach_what_belongs(message, context.get("attachment"), settings)
    return message


def render_words(
    letter: Letter, recipient: Recipient, context: Mapping[str, Any], settings: Settings
) -> Words:
    """Subject, text and HTML in the language of the row."""
    folder = f"mail/{letter.template}"
    shown = {
        **LAYOUT,
        "recipient": recipient,
        "base_url": settings.base_url,
        "office_phone": show_phone(settings.office_phone),
        "office_name": settings.mail_name,
        **context,
    }
    with use_language(letter.locale):
        if recipient.safe_contact:
            shown |= {"subject": plain(NEUTRAL_SUBJECT), "office_name": plain(NEUTRAL_SENDER)}
        else:
            shown["subject"] = _one_line(_render(f"{folder}/subject.txt", {"subject": "", **shown}))
        return Words(
            shown["subject"],
            _render(f"{folder}/body.txt", shown).strip() + "\n",
            _render(f"{folder}/body.html", shown),
        )


def render_call(letter: Letter, recipient: Recipient, context: Mapping[str, Any], settings: Settings) -> str:
    """The words to say on the telephone: ``call.txt``, or the text of the mail where there is none."""
    spoken = resource("templates", "mail", *letter.template.split("/"), "call.txt")
    if not spoken.exists():
        return render_words(letter, recipient, context, settings).text
    shown = {
        "recipient": recipient,
        "office_phone": show_phone(settings.office_phone),
        "base_url": settings.base_url,
    }
    with use_language(letter.locale):
        return _render(f"mail/{letter.template}/call.txt", {**LAYOUT, **shown, **context}).strip() + "\n"


def render_line(letter: Letter, recipient: Recipient, context: Mapping[str, Any], settings: Settings) -> str:
    """The words for LINE: ``line.txt`` where a template has one, else that there is news, and where.

    A locked telephone shows them to whoever looks: no subject, nothing of what it is about.
    """
    own = resource("templates", "mail", *letter.template.split("/"), "line.txt")
    shown = {
        "recipient": recipient,
        "office_phone": show_phone(settings.office_phone),
        "office_name": settings.mail_name,
        "base_url": settings.base_url,
    }
    with use_language(letter.locale):
        name = f"mail/{letter.template}/line.txt" if own.exists() else "mail/_line.txt"
        return _render(name, {**LAYOUT, **shown, **context}).strip()


def message_id(letter: Letter, settings: Settings) -> str:
    host = urlsplit(settings.base_url).hostname or "localhost"
    return f"<{letter.outbox_id}.{int(letter.queued_at.timestamp())}@{host}>"


def environment() -> Environment:
    """Jinja for mails: own of its kind, because the worker has no web. What a context lacks is an error."""
    made = Environment(
        loader=FileSystemLoader(resource("templates")),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
    )
    i18n.install(made)
    made.globals["_"] = plain  # no ruby: few mail programs know it, and text has no markup at all
    return made


_environment = cache(environment)


def _render(name: str, context: Mapping[str, Any]) -> str:
    return _environment().get_template(name).render(context)


def _one_line(text: str) -> str:
    """For a header: no line break and no other control character survives."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _attach_what_belongs(message: EmailMessage, attachment: Any, settings: Settings) -> None:
    """A context gives the file, or how to make it out of the office's address."""
    made = attachment(settings.mail_from) if callable(attachment) else attachment
    if made is not None:
        _attach_calendar(message, Attachment(*made))


def _attach_calendar(message: EmailMessage, attachment: Attachment) -> None:
    """Twice, as calendar programs expect it: beside the text (mail programs offer 参加) and as a file."""
    params = {"method": attachment.method, "name": attachment.filename}
    message.add_alternative(attachment.content.decode(), subtype="calendar", params=params)
    message.add_attachment(
        attachment.content,
        maintype="text",
        subtype="calendar",
        filename=attachment.filename,
        params={"charset": "utf-8", **params},
    )
