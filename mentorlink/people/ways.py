"""By which way somebody hears of what. Pure: the rule on one page.

LINE counts every recipient of a month. Whoever chose LINE gets there what has a day or an hour to it; the rest goes
to their mail where they have one. Without a mail, LINE carries all of it.
"""

from mentorlink.core.outbox import Channel
from mentorlink.people.models import ContactChannel, Person

# What is of no use tomorrow. The last part of a month's LINE messages is kept for these.
OF_THE_DAY = frozenset(
    {
        "matching/talks_called_off",
        "scheduling/cancelled",
        "scheduling/in_an_hour",
        "scheduling/moved",
        "scheduling/tomorrow",
    }
)
WITH_A_DAY = OF_THE_DAY | {
    "applications/question",
    "matching/invitation",
    "matching/invitation_reminder",
    "scheduling/booked",
    "scheduling/hour_asked",
    "scheduling/hour_in_vain",
    "scheduling/hours_wanted",
    "scheduling/slots_offered",
    "scheduling/slots_renewed",
}


def way_of(person: Person, template: str) -> Channel:
    """The channel of a message to this person."""
    if person.contact_channel is ContactChannel.LINE and (template in WITH_A_DAY or not person.email):
        return Channel.LINE
    if person.contact_channel is ContactChannel.PHONE:
        return Channel.CALL
    return Channel.MAIL


def other_way_of(person: Person) -> Channel:
    """Where a message goes that LINE cannot carry: the mail, else the telephone."""
    return Channel.MAIL if person.email else Channel.CALL
