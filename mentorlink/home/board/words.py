"""What the board calls states and rests; the templates look them up by their codes."""

from collections.abc import Mapping

from mentorlink.core.i18n import mark
from mentorlink.home.board.filters import ALL, ENDED, GOING_ON, RESTING

STATE_WORDS: Mapping[str, str] = {
    "": mark("続いているもの（お休みもふくむ）"),
    GOING_ON: mark("進んでいるもの"),
    RESTING: mark("お休み中"),
    ENDED: mark("終わったもの"),
    ALL: mark("ぜんぶ"),
}
REST_WORDS: Mapping[str, str] = {
    "disaster": mark("災害"),
    "family": mark("ご家庭のこと"),
    "health": mark("体調"),
    "work": mark("お仕事"),
    "other": mark("そのほか"),
}
LEFT_WORDS: Mapping[str, str] = {
    "erased": mark("情報を消した方です"),
    "paused": mark("お休み中です"),
    "ended": mark("もう終わっています"),
}
