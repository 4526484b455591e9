"""Surveys: what is asked when, and the answers. ``plan_targets`` is a job, the rest is called by people's acts."""

from mentorlink.surveys.services.answering import Answers, refuse_questions, submit_response
from mentorlink.surveys.services.planning import (
    load_surveys,
    plan_targets,
    schedule_surveys,
    stop_asking_later,
    take_back_questions,
)

__all__ = [
    "Answers",
    "load_surveys",
    "plan_targets",
    "refuse_questions",
    "schedule_surveys",
    "stop_asking_later",
    "submit_response",
    "take_back_questions",
]
