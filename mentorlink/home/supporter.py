"""講師・メンター's first screen: what waits for their answer, the next talks, the records to write."""

from datetime import timedelta
from typing import Any

from flask import render_template

from mentorlink.core import dates
from mentorlink.core.web import allow, db, now
from mentorlink.engagements.models import Side
from mentorlink.home.supporter_half_years import half_years_of
from mentorlink.home.views import bp
from mentorlink.matching.models import Invitation
from mentorlink.matching.policies import own_supporter
from mentorlink.matching.queries import invitations_waiting_for, reasons_for_supporter
from mentorlink.matching.summary import summary_of
from mentorlink.people.models import Supporter
from mentorlink.scheduling.clocks import hours_of_other
from mentorlink.scheduling.queries import has_hours, hours_to_find_of, meetings_of_supporter
from mentorlink.surveys.queries import open_questions_of

LOOK_BACK = timedelta(days=60)  # a record is asked for that long


@bp.get("/supporter")
@allow(own_supporter)
def show_supporter(supporter: Supporter) -> Any:
    meetings = meetings_of_supporter(db(), supporter, since=now() - LOOK_BACK)
    waiting = [each for each in invitations_waiting_for(db(), supporter.id) if _in_time(each)]
    return render_template(
        "home/supporter.html",
        supporter=supporter,
        zone=supporter.person.zone,
        cards=[_card(invitation) for invitation in waiting],
        hours_to_find=hours_to_find_of(db(), supporter),
        half_years=half_years_of(db(), supporter, now()),
        questions=open_questions_of(db(), supporter.person_id, since=now() - LOOK_BACK, now=now()),
        talks=[meeting for meeting in meetings if meeting.ends_at > now()],
        records=[meeting for meeting in meetings if meeting.ends_at <= now()],
        receives=supporter.receives_on(dates.local_date(now(), supporter.person.zone)),
        has_hours=has_hours(db(), supporter, now=now()),
        today=dates.local_date(now(), supporter.person.zone),
        dates=dates,
        hours_of_recipient=lambda meeting: hours_of_other(meeting, Side.SUPPORTER),
    )


def _in_time(invitation: Invitation) -> bool:
    return invitation.deadline_at is None or invitation.deadline_at > now()


def _card(invitation: Invitation) -> dict[str, Any]:
    return {
        "invitation": invitation,
        "summary": summary_of(invitation.proposal.application),
        "reasons": reasons_for_supporter(invitation, now=now())[:3],
    }
