"""Directory of organisations, their other names, and who belongs to them when."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.core.db import Base


class Organisation(Base):
    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    legal_form: Mapped[str | None]
    prefecture: Mapped[str | None]
    aliases: Mapped[list["OrganisationAlias"]] = relationship(cascade="all, delete-orphan")


class OrganisationAlias(Base):
    __tablename__ = "organisation_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    alias: Mapped[str] = mapped_column(unique=True)


class Affiliation(Base):
    """A person's place in an organisation between two dates; open-ended while ``until`` is empty."""

    __tablename__ = "affiliation"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "since"),
        CheckConstraint("until IS NULL OR until >= since", "dates"),
        Index("ix_affiliation_organisation_id", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    position: Mapped[str | None]
    since: Mapped[date]
    until: Mapped[date | None]
    organisation: Mapped[Organisation] = relationship()
