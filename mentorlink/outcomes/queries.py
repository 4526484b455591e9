"""What the noting of outcomes reads."""

from collections.abc import Sequence

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.engagements.models import Engagement
from mentorlink.outcomes.models import Claim, Outcome
from mentorlink.programmes.models import Programme
from mentorlink.surveys.models import Answer, Question, QuestionOption, Response, Target

ENDING = "ending"  # the question whose answer is a code of 終わり方


def unnoted_answers(session: Session) -> Sequence[tuple[Target, Engagement]]:
    """Answers that say how things are now and are not an outcome yet."""
    noted_by = literal("response:") + cast(Response.id, String)
    query = (
        select(Target, Engagement)
        .join(Response, Response.target_id == Target.id)
        .join(Answer, Answer.response_id == Response.id)
        .join(Question, Question.id == Answer.question_id)
        .join(QuestionOption, QuestionOption.id == Answer.option_id)
        .join(Engagement, Engagement.id == Target.engagement_id)
        .where(Question.code == ENDING, ~exists().where(Outcome.recorded_by == noted_by))
        .options(joinedload(Target.response))
        .order_by(Response.id)
    )
    return [(target, engagement) for target, engagement in session.execute(query).unique()]


def claims_of(session: Session, programme: Programme) -> dict[str, Claim]:
    """The printed numbers of a run, by the key of the figure that they stand beside."""
    return {claim.key: claim for claim in session.scalars(select(Claim).filter_by(programme_id=programme.id))}
