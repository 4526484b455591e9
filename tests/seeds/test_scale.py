import pytest
from sqlalchemy import func, select

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.matching.queries import rank_candidates
from mentorlink.people.models import Supporter
from mentorlink.seeds import SeedRefused, seed_scale


@pytest.mark.both_databases
def test_so_many_are_there_and_can_be_matched(sessions, session, settings, now):
    seed_scale(sessions, settings, now, applicants=30, supporters=40)
    assert session.scalar(select(func.count(Supporter.id))) == 40
    searching = session.scalars(
        select(Application).where(Application.state == ApplicationState.MATCHING)
    ).unique()
    found = [rank_candidates(session, application, now=now)[0] for application in searching]
    assert len(found) == 30
    assert sum(candidate.can_be_asked for candidate in found) > 20


def test_a_second_time_is_refused(sessions, now):
    seed_scale(sessions, applicants=1, supporters=1)
    with pytest.raises(SeedRefused, match="there already"):
        seed_scale(sessions, applicants=1, supporters=1)
