"""Time: days that differ, people's own calendars, hours asked for, LINE, and rounds prepared at night."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = [
    "availability_exception",
    "calendar_source",
    "busy_span",
    "hour_ask",
    "hour_answer",
    "line_code",
    "line_event",
]
# table, its CHECK, the words before and after; None where there was no such CHECK
CHECKS = (
    (
        "person",
        "contactchannel",
        "contact_channel IN ('mail', 'phone')",
        "contact_channel IN ('mail', 'phone', 'line')",
    ),
    (
        "person",
        "line_needs_account",
        None,
        (
            "erased_at IS NOT NULL OR contact_channel <> 'line'"
            " OR (line_user_id IS NOT NULL AND (email IS NOT NULL OR phone IS NOT NULL))"
        ),
    ),
    (
        "outbox_message",
        "channel",
        "channel IN ('mail', 'call', 'desk')",
        "channel IN ('mail', 'line', 'call', 'desk')",
    ),
)
INSTANT = sa.DateTime(timezone=True)
# SQLite's guard against two spans at once: it read a person's whole past, now it looks at one row
OLD_GUARD = """
CREATE TRIGGER {name} BEFORE {moment} ON occupancy
WHEN EXISTS (
    SELECT 1 FROM occupancy AS other
    WHERE other.person_id = NEW.person_id AND other.id IS NOT NEW.id
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END
"""
GUARD = """
CREATE TRIGGER {name} BEFORE {moment} ON occupancy
WHEN (
    SELECT other.ends_at FROM occupancy AS other
    WHERE other.person_id = NEW.person_id AND other.id IS NOT NEW.id AND other.starts_at < NEW.ends_at
    ORDER BY other.starts_at DESC LIMIT 1
) > NEW.starts_at
BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END
"""


def upgrade() -> None:
    op.add_column(
        "programme", sa.Column("nightly_round", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "supporter", sa.Column("free_on_holidays", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column(
        "outbox_message", sa.Column("keeps_quiet", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("match_run", sa.Column("teams", sa.JSON(), nullable=True))
    op.add_column("outbox_message", sa.Column("first_tried_at", INSTANT, nullable=True))
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("line_user_id", sa.String(), nullable=True))
        batch.create_unique_constraint(op.f("uq_person_line_user_id"), ["line_user_id"])
    for table, name, old, new in CHECKS:
        _exchange_check(table, name, old, new)
    _create_tables()
    _exchange_guard(GUARD)


def downgrade() -> None:
    _exchange_guard(OLD_GUARD)
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute(
        "UPDATE person SET contact_channel = 'mail' WHERE contact_channel = 'line' AND email IS NOT NULL"
    )
    op.execute("UPDATE person SET contact_channel = 'phone' WHERE contact_channel = 'line'")
    op.execute("DELETE FROM outbox_message WHERE channel = 'line'")
    for table, name, old, new in reversed(CHECKS):
        _exchange_check(table, name, new, old)
    with op.batch_alter_table("person") as batch:
        batch.drop_constraint(op.f("uq_person_line_user_id"), type_="unique")
        batch.drop_column("line_user_id")
    op.drop_column("match_run", "teams")
    op.drop_column("outbox_message", "keeps_quiet")
    op.drop_column("outbox_message", "first_tried_at")
    op.drop_column("supporter", "free_on_holidays")
    op.drop_column("programme", "nightly_round")


def _exchange_guard(guard: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for moment in ("INSERT", "UPDATE"):
        name = f"tr_occupancy_{moment.lower()}"
        op.execute(f"DROP TRIGGER {name}")
        op.execute(guard.format(name=name, moment=moment))


def _exchange_check(table: str, name: str, old: str | None, new: str | None) -> None:
    """SQLite copies the table for it."""
    name = op.f(f"ck_{table}_{name}")
    with op.batch_alter_table(table) as batch:
        if old is not None:
            batch.drop_constraint(name, type_="check")
        if new is not None:
            batch.create_check_constraint(name, new)


def _create_tables() -> None:
    op.create_table(
        "availability_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supporter_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("is_free", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_availability_exception_span"),
        ),
        sa.CheckConstraint(
            "start_minute % 30 = 0 AND end_minute % 30 = 0", name=op.f("ck_availability_exception_half_hours")
        ),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["supporter.id"], name=op.f("fk_availability_exception_supporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_exception")),
        sa.UniqueConstraint(
            "supporter_id",
            "day",
            "start_minute",
            name=op.f("uq_availability_exception_supporter_id_day_start_minute"),
        ),
    )
    op.create_table(
        "calendar_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supporter_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("covers_until", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("caution", sa.String(), nullable=True),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_calendar_source_failures")),
        sa.CheckConstraint("(failures = 0) = (fault IS NULL)", name=op.f("ck_calendar_source_fault")),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["supporter.id"], name=op.f("fk_calendar_source_supporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_source")),
        sa.UniqueConstraint("supporter_id", name=op.f("uq_calendar_source_supporter_id")),
    )
    op.create_index("ix_calendar_source_next_at", "calendar_source", ["next_at"], unique=False)
    op.create_table(
        "busy_span",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_span_span")),
        sa.ForeignKeyConstraint(["source_id"], ["calendar_source.id"], name=op.f("fk_busy_span_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_span")),
    )
    op.create_index("ix_busy_span_source_id_ends_at", "busy_span", ["source_id", "ends_at"], unique=False)
    op.create_table(
        "hour_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "agreed",
                "declined",
                "expired",
                "dropped",
                name="askstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "asked_at < expires_at AND expires_at <= starts_at", name=op.f("ck_hour_ask_expiry")
        ),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"], name=op.f("fk_hour_ask_asker_id")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_hour_ask_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_ask")),
    )
    op.create_index("ix_hour_ask_state_expires_at", "hour_ask", ["state", "expires_at"], unique=False)
    op.create_index(
        "uq_hour_ask_open_engagement",
        "hour_ask",
        ["engagement_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "hour_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("is_yes", sa.Boolean(), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (is_yes IS NULL)", name=op.f("ck_hour_answer_answer")),
        sa.ForeignKeyConstraint(["ask_id"], ["hour_ask.id"], name=op.f("fk_hour_answer_ask_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hour_answer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_answer")),
        sa.UniqueConstraint("ask_id", "person_id", name=op.f("uq_hour_answer_ask_id_person_id")),
    )
    op.create_table(
        "line_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_line_code_expiry")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_line_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_line_code_code_hash")),
    )
    op.create_index("ix_line_code_person_id", "line_code", ["person_id"], unique=False)
    op.create_table(
        "line_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_line_event_event_id")),
    )
