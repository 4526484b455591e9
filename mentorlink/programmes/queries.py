"""Finding programmes."""

from datetime import date, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from mentorlink.programmes.models import Programme

RECENTLY = timedelta(days=90)


def by_code(session: Session, code: str) -> Programme | None:
    """The run of that code, the last part of its form's address."""
    return session.scalar(select(Programme).where(Programme.code == code))


def open_programmes(session: Session, day: date) -> list[Programme]:
    """Those that take applications on ``day``: first the ones without selection, for everybody, then by name."""
    return list(
        session.scalars(
            select(Programme)
            .where(
                Programme.opened_at.is_not(None),
                Programme.opens_on <= day,
                or_(Programme.closes_on.is_(None), Programme.closes_on >= day),
            )
            .order_by(Programme.has_selection, Programme.name_ja, Programme.id)
        )
    )


def nearby_programmes(session: Session, day: date) -> list[Programme]:
    """Runs with a selection that closed within the last three months, or are announced: not open on ``day``."""
    return list(
        session.scalars(
            select(Programme)
            .where(Programme.opened_at.is_not(None), Programme.has_selection)
            .where(
                or_(
                    Programme.opens_on > day,
                    and_(Programme.closes_on < day, Programme.closes_on >= day - RECENTLY),
                )
            )
            .order_by(Programme.opens_on, Programme.id)
        )
    )


def runs(session: Session) -> list[Programme]:
    """Every run, the newest year first."""
    return list(session.scalars(select(Programme).order_by(Programme.fiscal_year.desc(), Programme.id)))


def leading_to(session: Session, programme: Programme) -> list[Programme]:
    """The runs whose people can go on to this one."""
    return list(session.scalars(select(Programme).where(Programme.leads_to_id == programme.id)))
