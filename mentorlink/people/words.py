"""What a way of reaching somebody is called."""

from collections.abc import Mapping

from mentorlink.core.i18n import mark
from mentorlink.people.models import ContactChannel

CHANNEL_WORDS: Mapping[ContactChannel, str] = {
    ContactChannel.MAIL: mark("メール"),
    ContactChannel.PHONE: mark("電話"),
    ContactChannel.LINE: mark("LINE"),
}
