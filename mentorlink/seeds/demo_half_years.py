"""The demo's half-years: one on time, one silent, one with a step to look at, one resting, one just begun, one over."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import select

from mentorlink.applications.models import Application, ApplicationState, Review
from mentorlink.applications.services import ask_reviewers, decide_selection, submit_review
from mentorlink.core.dates import fiscal_year, local_date
from mentorlink.engagements.models import Engagement, PauseReason, Side
from mentorlink.engagements.services import post_message, set_goal, share_note, write_note
from mentorlink.outcomes.services import close_engagement, follow_engagements
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.services.resting import rest_engagement
from mentorlink.seeds import cast as acts
from mentorlink.seeds.cast import Cast
from mentorlink.seeds.half_years import (
    A_DAY,
    answer_scale,
    follow,
    hand_in_step,
    live_months,
    mentee_of,
    show_step,
)
from mentorlink.seeds.rows import Row, at, read_rows
from mentorlink.seeds.stories import Story
from mentorlink.surveys.models import Anchor
from mentorlink.surveys.services import plan_targets

FOLDER, YEAR_FOLDER = "demo", "engao-2023"
OPENED, CLOSED = (
    430 * A_DAY,
    18 * A_DAY,
)  # so long ago the earlier run took its first and its last application
HOUR = timedelta(hours=1)
CHOSEN = "これまでの歩みと、これからの形が伝わりました。"
WAITS = "席が六つでした。席があいたら、すぐにお知らせします。"
HELLO = "試しにひらく日が決まりました。チラシの文を見ていただけますか。"
ANSWER = "いいですね。読みました。「手ぶらでどうぞ」の一言があると、来やすいと思います。"
NOTE = "会場の人に、鍵の返し方を聞く。"
SCORES = ((3, 2, 3, 2), (2, 3, 1, 3))  # of the two reviewers, one for each criterion
COMMENTS = ("一歩がもう見えています。", "仲間がいる様子が伝わりました。")


def earlier_run(cast: Cast, template: str, now: datetime) -> Programme:
    """The run whose half-years go on today; it takes no more applications."""
    opens, closes = local_date(now - OPENED), local_date(now - CLOSED)
    year = fiscal_year(opens)
    names = {"code": f"{template}-{year}", "fiscal_year": year}
    return acts.begin_run(cast.session, template, opens_on=opens, closes_on=closes, now=at(opens, 9), **names)


def half_years(cast: Cast, run: Programme, now: datetime) -> list[Story]:
    lines = cycle(read_rows(YEAR_FOLDER, "records.csv"))
    rows = read_rows(FOLDER, "half_year.csv")
    return [_half_year(cast, run, row, lines, now) for row in rows] + [
        _hand_in(cast, "M-03", now - 26 * HOUR),
        _write(cast, "M-01", now - 2 * A_DAY),
        _rest(cast, "M-04", now - 20 * A_DAY, expected_until=local_date(now + 25 * A_DAY)),
    ]


def review(cast: Cast, application: Application, missing: int, asked: datetime) -> Story:
    """Both are asked; ``missing`` of them, counted from the first, have not scored yet."""
    yield asked
    ask_reviewers(cast.session, application, cast.reviewers, by=cast.by_office, now=asked)
    criteria = application.programme.criteria
    for number, user_id in list(enumerate(cast.reviewers))[missing:]:
        yield (then := asked + (number + 1) * HOUR)
        query = select(Review).where(Review.application_id == application.id)
        row = cast.session.scalars(query.where(Review.reviewer_user_id == user_id)).one()
        scores = SCORES[number % 2]
        points = {each.id: min(scores[place % 4], each.most) for place, each in enumerate(criteria)}
        submit_review(cast.session, row, points, COMMENTS[number % 2], by=f"user:{user_id}", now=then)


def _half_year(cast: Cast, run: Programme, row: Row, lines: Iterator[Row], now: datetime) -> Story:
    begins = now - int(row["begins_days_ago"]) * A_DAY
    yield (then := begins - 40 * A_DAY)
    application = cast.applications[row["number"]] = acts.apply(cast, run, row, now=then)
    yield (then := begins - 12 * A_DAY)
    _decide(cast, application, row["course"] == "waiting", then)
    if row["course"] == "waiting":
        return
    yield (then := begins - 2 * A_DAY)
    acts.ask(cast, application, [row["supporter"]], now=then)
    yield begins
    engagement = acts.accept(cast, application, now=begins)
    if row["course"] == "selected":
        return
    yield (then := begins + 3 * HOUR)
    meeting = acts.choose_hour(cast, engagement, now=then)
    by = mentee_of(engagement)
    set_goal(cast.session, engagement, row["goal"], side=Side.APPLICANT, by=by, now=then)
    yield (then := begins + 4 * HOUR)
    plan_targets(cast.session, then)
    answer_scale(cast, engagement, Anchor.ENGAGEMENT_START, row["before"], now=then)
    yield from live_months(cast, engagement, meeting, row, lines)
    if row["course"] == "finished":
        yield from _finish(cast, engagement, row, now - 115 * A_DAY)


def _decide(cast: Cast, application: Application, waits: bool, now: datetime) -> None:
    outcome = ApplicationState.WAITING if waits else ApplicationState.SELECTED
    reason = WAITS if waits else CHOSEN
    by_user_id, by = cast.office.id, cast.by_office
    decide_selection(cast.session, application, outcome, reason, by_user_id=by_user_id, by=by, now=now)


def _finish(cast: Cast, engagement: Engagement, row: Row, ends: datetime) -> Story:
    yield ends
    facts: dict[str, Any] = {
        "started_on": local_date(ends - 20 * A_DAY),
        "prefecture": row["prefecture"],
        "activity_name": "となりの手",
    }
    by = mentee_of(engagement)
    close_engagement(cast.session, engagement, row["ending"], side=Side.APPLICANT, by=by, now=ends, **facts)
    yield (then := ends + HOUR)
    plan_targets(cast.session, then)
    answer_scale(cast, engagement, Anchor.ENGAGEMENT_END, row["after"], now=then)
    follow_engagements(cast.session, then)
    yield from follow(cast, engagement, row)


def _hand_in(cast: Cast, number: str, when: datetime) -> Story:
    yield when
    hand_in_step(cast, _engagement(cast, number), 2, "evidence", now=when)


def _write(cast: Cast, number: str, when: datetime) -> Story:
    """The two write to each other; of two notes one is shared."""
    yield when
    session, engagement = cast.session, _engagement(cast, number)
    mentee, mentor = engagement.recipient_id, engagement.supporters[0].supporter.person_id
    post_message(session, engagement, Side.APPLICANT, mentee, HELLO, f"demo-{engagement.id}-1", now=when)
    share_note(
        session, write_note(session, engagement, mentee, NOTE, now=when), by=mentee_of(engagement), now=when
    )
    yield (then := when + 20 * HOUR)
    post_message(session, engagement, Side.SUPPORTER, mentor, ANSWER, f"demo-{engagement.id}-2", now=then)


def _rest(cast: Cast, number: str, when: datetime, *, expected_until: date) -> Story:
    yield when - A_DAY
    engagement = _engagement(cast, number)
    show_step(cast, engagement, 3, "evidence", now=when - A_DAY)
    yield when
    reason, batch, by = PauseReason.DISASTER, f"{local_date(when)}-disaster", cast.by_office
    session = cast.session
    rest_engagement(session, engagement, reason, expected_until=expected_until, batch=batch, by=by, now=when)


def _engagement(cast: Cast, number: str) -> Engagement:
    application = cast.applications[number]
    return cast.session.scalars(select(Engagement).where(Engagement.application_id == application.id)).one()
