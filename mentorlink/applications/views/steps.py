"""The order of the screens: six for every programme, and one for its own questions where it has some."""

from dataclasses import dataclass

from flask import url_for

from mentorlink.programmes.models import Programme

LAST = 6
BEFORE_QUESTIONS = LAST - 1
QUESTIONS = 0  # the number of the screen that has none
MINUTES_LEFT = {1: 5, 2: 4, 3: 3, 4: 3, 5: 1, LAST: 0}


@dataclass(frozen=True)
class Step:
    """Where one screen stands: ``place`` of ``total`` counts what the applicant sees, the questions included."""

    number: int
    place: int
    total: int
    minutes_left: int
    back: str
    action: str
    autosave: str


def step_of(number: int, programme: Programme) -> Step:
    order = order_of(programme)
    place = order.index(number)
    return Step(
        number,
        place + 1,
        len(order),
        _minutes_left(number, programme),
        address_of_screen(order[place - 1]) if place else url_for("applications.show_start"),
        address_of_screen(number),
        _autosave_address(number),
    )


def order_of(programme: Programme) -> list[int]:
    own = [QUESTIONS] if programme.questions else []
    return [*range(1, LAST), *own, LAST]


def next_number(number: int, programme: Programme) -> int:
    order = order_of(programme)
    return order[min(order.index(number) + 1, len(order) - 1)]


def address_of_screen(number: int) -> str:
    if number == QUESTIONS:
        return url_for("applications.show_questions")
    return url_for("applications.show_screen", screen=number)


def _autosave_address(number: int) -> str:
    if number == QUESTIONS:
        return url_for("applications.autosave_questions")
    return url_for("applications.autosave", screen=number)


def minutes_of(programme: Programme) -> int:
    """About how long the whole form takes."""
    return MINUTES_LEFT[1] + len(programme.questions)


def _minutes_left(number: int, programme: Programme) -> int:
    """About a minute for each question of the programme's own, until they are behind."""
    if number == QUESTIONS:
        return len(programme.questions)
    return MINUTES_LEFT[number] + (len(programme.questions) if number < LAST else 0)
