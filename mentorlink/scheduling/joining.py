"""How the two come together at the hour: in a room online, by telephone, at a place. Told near the time only."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.rooms import room_for
from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling import queries
from mentorlink.scheduling.models import Meeting, MeetingState, MeetingWay

SHOWN_AROUND = timedelta(hours=1)  # from when M09 goes out, until an hour after the end


class Door(StrEnum):
    """What really happens at the hour: the way that was agreed on, as far as it works."""

    ROOM = "room"
    CALL = "call"  # the supporter calls the applicant
    PLACE = "place"


WORDS: dict[Door, LazyText] = {
    Door.ROOM: lazy("オンライン"),
    Door.CALL: lazy("お電話"),
    Door.PLACE: lazy("対面"),
}
_TO_APPLICANT: dict[Door, LazyText] = {
    Door.ROOM: lazy("入り方は、次のページにまとめてあります。カメラはオフのままで大丈夫です。"),
    Door.CALL: lazy("時間になったら、お相手からお電話があります。かけていただかなくて大丈夫です。"),
    Door.PLACE: lazy("お会いする場所は、メッセージで決めます。"),
}
_TO_SUPPORTER: dict[Door, LazyText] = {
    Door.ROOM: lazy("準備メモと入り方は、次のページにまとめてあります。"),
    Door.CALL: lazy(
        "時間になったら、お電話をおかけください。番号は、はじまる1時間前から、次のページに出ます。"
    ),
    Door.PLACE: lazy("準備メモは、次のページにまとめてあります。お会いする場所は、メッセージで決めます。"),
}
_NO_NUMBER: dict[Side, LazyText] = {
    Side.APPLICANT: lazy("お電話でお話しします。番号がまだわからないので、次のページで教えてください。"),
    Side.SUPPORTER: lazy(
        "お相手のお電話番号は、いまうかがっています。わかりしだい、次のページでお知らせします。"
    ),
}


def door_of(meeting: Meeting) -> Door:
    """Where the supporter has no room and the installation makes none, an online talk is a telephone call."""
    if meeting.way == MeetingWay.IN_PERSON:
        return Door.PLACE
    return Door.ROOM if meeting.way == MeetingWay.ONLINE and _room(meeting) else Door.CALL


def way_word(meeting: Meeting) -> LazyText:
    """One word for the way, the same on every page and in every mail."""
    return WORDS[door_of(meeting)]


def way_in(meeting: Meeting, side: Side) -> LazyText:
    """One sentence on what this side does at the hour, for a mail."""
    if lacks_number(meeting):
        return _NO_NUMBER[side]
    return (_TO_SUPPORTER if side is Side.SUPPORTER else _TO_APPLICANT)[door_of(meeting)]


def lacks_number(meeting: Meeting) -> bool:
    """There is neither a room nor a number: somebody has to ask for one before the hour."""
    return door_of(meeting) is Door.CALL and not meeting.engagement.recipient.phone


def working_way(engagement: Engagement, way: MeetingWay) -> MeetingWay:
    """Telephone for an online talk that would have no room, where the number is known.

    Without a number it stays online: whichever of the two is there first, a room or a number, is how they talk.
    """
    is_hopeless = (
        way == MeetingWay.ONLINE and engagement.recipient.phone and not _room_of_team(engagement, "")
    )
    return MeetingWay.PHONE if is_hopeless else way


def is_near(meeting: Meeting, now: datetime) -> bool:
    if meeting.state is not MeetingState.CONFIRMED:
        return False
    return meeting.starts_at - SHOWN_AROUND <= now <= meeting.ends_at + SHOWN_AROUND


def room_of(meeting: Meeting, now: datetime) -> str | None:
    """The address of the online room, near the time only."""
    return _room(meeting) if door_of(meeting) is Door.ROOM and is_near(meeting, now) else None


def number_of(session: Session, meeting: Meeting, side: Side, now: datetime) -> str | None:
    """The applicant's number, for the supporter who calls them, near the time, with the applicant's consent."""
    if side is not Side.SUPPORTER or door_of(meeting) is not Door.CALL or not is_near(meeting, now):
        return None
    return meeting.engagement.recipient.phone if knows_number(session, meeting) else None


def knows_number(session: Session, meeting: Meeting) -> bool:
    """Whether there is a number that the supporter will see when the time comes."""
    recipient = meeting.engagement.recipient
    return bool(recipient.phone) and queries.may_share_number(session, recipient)


def is_discreet(engagement: Engagement, side: Side) -> bool:
    """Whether the person on this side asked that nobody who looks over their shoulder learns anything."""
    people = [each.person for each in queries.team_of(engagement)]
    return any(each.safe_contact for each in (people if side is Side.SUPPORTER else [engagement.recipient]))


def _room(meeting: Meeting) -> str | None:
    return _room_of_team(meeting.engagement, meeting.uid)


def _room_of_team(engagement: Engagement, uid: str) -> str | None:
    return room_for(uid, (each.meeting_url for each in queries.team_of(engagement)))
