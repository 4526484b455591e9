"""A target with unsurprising values."""

from mentorlink.surveys.models import Audience, Target, TargetState
from mentorlink.surveys.queries import latest_survey
from mentorlink.surveys.services import load_surveys
from tests.factories import NOW


def make_target(session, engagement, *, code="s1", audience=Audience.APPLICANT, person_id=None, **columns):
    load_surveys(session)
    survey = latest_survey(session, code)
    values = {
        "due_at": NOW,
        "state": TargetState.SENT,
        "sent_at": NOW,
        "event": f"test:{engagement.id}:{code}",
    }
    target = Target(
        survey_id=survey.id,
        audience=audience,
        person_id=person_id or engagement.recipient_id,
        engagement_id=engagement.id,
        meeting_id=None,
        **(values | columns),
    )
    session.add(target)
    session.flush()
    return target
