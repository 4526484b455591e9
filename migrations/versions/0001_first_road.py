"""The first road: everything from an application to its figures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = [
    "attempt",
    "audit_entry",
    "demo_clock",
    "link",
    "organisation",
    "outbox_message",
    "programme",
    "state_change",
    "survey",
    "user",
    "call",
    "claim",
    "import_batch",
    "inbox_mail",
    "milestone_template",
    "organisation_alias",
    "person",
    "question",
    "survey_schedule",
    "web_session",
    "affiliation",
    "application",
    "consent",
    "occupancy",
    "question_option",
    "supporter",
    "application_term",
    "avoided_organisation",
    "clarifying_question",
    "decision",
    "engagement",
    "flag",
    "preferred_time",
    "proposal",
    "supporter_term",
    "weekly_window",
    "engagement_supporter",
    "invitation",
    "meeting",
    "outcome",
    "pause",
    "slot_offer",
    "thread_post",
    "meeting_record",
    "offered_slot",
    "target",
    "response",
    "answer",
]

# A copy of scheduling/guards.py as it was at this revision: a migration does not change afterwards.
SQLITE_GUARDS = (
    """
CREATE TRIGGER tr_occupancy_insert BEFORE INSERT ON occupancy
WHEN EXISTS (
    SELECT 1 FROM occupancy AS other
    WHERE other.person_id = NEW.person_id AND other.id IS NOT NEW.id
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END
""",
    """
CREATE TRIGGER tr_occupancy_update BEFORE UPDATE ON occupancy
WHEN EXISTS (
    SELECT 1 FROM occupancy AS other
    WHERE other.person_id = NEW.person_id AND other.id IS NOT NEW.id
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'occupancy_overlap'); END
""",
    """
CREATE TRIGGER tr_meeting_insert BEFORE INSERT ON meeting
WHEN CAST(strftime('%s', NEW.ends_at) AS INTEGER) - CAST(strftime('%s', NEW.starts_at) AS INTEGER)
     <> NEW.minutes * 60
BEGIN SELECT RAISE(ABORT, 'meeting_length'); END
""",
    """
CREATE TRIGGER tr_meeting_update BEFORE UPDATE OF starts_at, ends_at, minutes ON meeting
WHEN CAST(strftime('%s', NEW.ends_at) AS INTEGER) - CAST(strftime('%s', NEW.starts_at) AS INTEGER)
     <> NEW.minutes * 60
BEGIN SELECT RAISE(ABORT, 'meeting_length'); END
""",
)
POSTGRESQL_GUARDS = (
    """CREATE EXTENSION IF NOT EXISTS btree_gist""",
    """
ALTER TABLE occupancy ADD CONSTRAINT occupancy_overlap
        EXCLUDE USING gist (person_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
""",
    """
ALTER TABLE meeting ADD CONSTRAINT ck_meeting_length
        CHECK (ends_at = starts_at + make_interval(mins => minutes))
""",
)


def upgrade() -> None:
    _create_tables()
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_GUARDS if on_sqlite else POSTGRESQL_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_tables() -> None:  # noqa: PLR0915 - one statement a table, as Alembic wrote them
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_key_at", "attempt", ["key", "at"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("is_office", sa.Boolean(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_about_at", "audit_entry", ["about", "at"], unique=False)
    op.create_index("ix_audit_entry_user_id_at", "audit_entry", ["user_id", "at"], unique=False)
    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ahead_seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("ahead_seconds >= 0", name=op.f("ck_demo_clock_forward")),
        sa.CheckConstraint("id = 1", name=op.f("ck_demo_clock_only_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_clock")),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("act", "entry", name="linkkind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("opens", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("used_at IS NULL OR kind = 'act'", name=op.f("ck_link_only_acts_are_used_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
    )
    op.create_index("ix_link_opens", "link", ["opens"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("legal_form", sa.String(), nullable=True),
        sa.Column("prefecture", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "mail", "call", "desk", name="channel", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "taken",
                "sent",
                "parked",
                "cancelled",
                "expired",
                name="messagestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_message_sent_at")
        ),
        sa.CheckConstraint(
            "(state = 'taken') = (lease_until IS NOT NULL)", name=op.f("ck_outbox_message_lease")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_message_attempts")),
        sa.CheckConstraint("not_after > due_at", name=op.f("ck_outbox_message_not_after")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint(
            "event", "recipient", "channel", name=op.f("uq_outbox_message_event_recipient_channel")
        ),
    )
    op.create_index("ix_outbox_message_about", "outbox_message", ["about"], unique=False)
    op.create_index("ix_outbox_message_recipient", "outbox_message", ["recipient", "sent_at"], unique=False)
    op.create_index(
        "ix_outbox_message_state_due_at", "outbox_message", ["state", "channel", "due_at"], unique=False
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("name_ja", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("talk_ja", sa.String(), nullable=False),
        sa.Column("talk_en", sa.String(), nullable=False),
        sa.Column(
            "match_mode",
            sa.Enum(
                "coordinator",
                "open_slot",
                "mutual",
                name="matchmode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("has_selection", sa.Boolean(), nullable=False),
        sa.Column("team_min", sa.Integer(), nullable=False),
        sa.Column("team_max", sa.Integer(), nullable=False),
        sa.Column("meeting_minutes", sa.Integer(), nullable=False),
        sa.Column("meetings_min", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("target_number", sa.Integer(), nullable=True),
        sa.Column("answer_hours", sa.Integer(), nullable=False),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("search_days", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("leads_to_id", sa.Integer(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("points_theme", sa.Integer(), nullable=False),
        sa.Column("points_target", sa.Integer(), nullable=False),
        sa.Column("points_main_category", sa.Integer(), nullable=False),
        sa.Column("points_other_category", sa.Integer(), nullable=False),
        sa.Column("points_stage", sa.Integer(), nullable=False),
        sa.Column("points_similar", sa.Integer(), nullable=False),
        sa.Column("points_similar_most", sa.Integer(), nullable=False),
        sa.Column("points_region", sa.Integer(), nullable=False),
        sa.CheckConstraint("1 <= team_min AND team_min <= team_max", name=op.f("ck_programme_team")),
        sa.CheckConstraint(
            "answer_hours > 0 AND offer_hours > 0 AND search_days > 0", name=op.f("ck_programme_deadlines")
        ),
        sa.CheckConstraint("closes_on IS NULL OR closes_on >= opens_on", name=op.f("ck_programme_dates")),
        sa.CheckConstraint("horizon_days BETWEEN 1 AND 180", name=op.f("ck_programme_horizon_days")),
        sa.CheckConstraint("meetings_min >= 1 AND meeting_minutes > 0", name=op.f("ck_programme_meetings")),
        sa.CheckConstraint("months >= 0", name=op.f("ck_programme_months")),
        sa.ForeignKeyConstraint(["leads_to_id"], ["programme.id"], name=op.f("fk_programme_leads_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("code", name=op.f("uq_programme_code")),
    )
    op.create_table(
        "state_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("concept", sa.String(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_change")),
    )
    op.create_index("ix_state_change_about", "state_change", ["concept", "row_id"], unique=False)
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_ja", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_survey_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_survey_code_version")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "anonymous",
                "applicant",
                "supporter",
                "office",
                "lead",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("totp_secret", sa.String(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role <> 'anonymous'", name=op.f("ck_user_role_known")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("outbox_message_id", sa.Integer(), nullable=True),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 0 AND 600", name=op.f("ck_call_minutes")),
        sa.ForeignKeyConstraint(
            ["outbox_message_id"], ["outbox_message.id"], name=op.f("fk_call_outbox_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index("ix_call_about", "call", ["about"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("printed", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note_ja", sa.String(), nullable=False),
        sa.Column("note_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_claim_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("programme_id", "key", name=op.f("uq_claim_programme_id_key")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "applications",
                "supporters",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "kind = 'supporters' OR programme_id IS NOT NULL", name=op.f("ck_import_batch_programme")
        ),
        sa.CheckConstraint(
            "(imported_at IS NULL) = (content IS NOT NULL)", name=op.f("ck_import_batch_content")
        ),
        sa.CheckConstraint("row_count >= 0", name=op.f("ck_import_batch_row_count")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_import_batch_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("file_hash", name=op.f("uq_import_batch_file_hash")),
    )
    op.create_table(
        "inbox_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_message_id", sa.Integer(), nullable=False),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_message_id"], ["outbox_message.id"], name=op.f("fk_inbox_mail_outbox_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_mail")),
        sa.UniqueConstraint("outbox_message_id", name=op.f("uq_inbox_mail_outbox_message_id")),
    )
    op.create_table(
        "milestone_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("due_after_days", sa.Integer(), nullable=False),
        sa.CheckConstraint("due_after_days >= 0", name=op.f("ck_milestone_template_due_after_days")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_milestone_template_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_template")),
        sa.UniqueConstraint(
            "programme_id", "position", name=op.f("uq_milestone_template_programme_id_position")
        ),
    )
    op.create_table(
        "organisation_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_alias_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_alias")),
        sa.UniqueConstraint("alias", name=op.f("uq_organisation_alias_alias")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("display_kana", sa.String(), nullable=True),
        sa.Column(
            "contact_channel",
            sa.Enum(
                "mail", "phone", name="contactchannel", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("call_hours", sa.String(), nullable=True),
        sa.Column("safe_contact", sa.Boolean(), nullable=False),
        sa.Column("no_voicemail", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("contact_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "erased_at IS NOT NULL OR contact_channel <> 'mail' OR email IS NOT NULL",
            name=op.f("ck_person_mail_needs_address"),
        ),
        sa.CheckConstraint(
            "erased_at IS NOT NULL OR contact_channel <> 'phone' OR phone IS NOT NULL",
            name=op.f("ck_person_phone_needs_number"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_person_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("user_id", name=op.f("uq_person_user_id")),
    )
    op.create_index("ix_person_email", "person", ["email"], unique=False)
    op.create_index("ix_person_phone", "person", ["phone"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "single",
                "multiple",
                "text",
                "number",
                "date",
                name="questionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("text_ja", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_question_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("survey_id", "code", name=op.f("uq_question_survey_id_code")),
        sa.UniqueConstraint("survey_id", "position", name=op.f("uq_question_survey_id_position")),
    )
    op.create_table(
        "survey_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "applicant",
                "supporter",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "anchor",
            sa.Enum(
                "meeting_end",
                "engagement_start",
                "engagement_end",
                name="anchor",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("remind_after_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("after_minutes >= 0", name=op.f("ck_survey_schedule_after_minutes")),
        sa.CheckConstraint(
            "remind_after_days IS NULL OR remind_after_days > 0",
            name=op.f("ck_survey_schedule_remind_after_days"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_survey_schedule_programme_id")
        ),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_schedule_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_schedule")),
        sa.UniqueConstraint(
            "programme_id",
            "survey_id",
            "audience",
            "anchor",
            "after_minutes",
            name=op.f("uq_survey_schedule_programme_id_survey_id_audience_anchor_after_minutes"),
        ),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("scope_concept", sa.String(), nullable=True),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(scope_concept IS NULL) = (scope_id IS NULL)", name=op.f("ck_web_session_scope_is_whole")
        ),
        sa.CheckConstraint(
            "user_id IS NULL OR scope_concept IS NULL", name=op.f("ck_web_session_one_identity")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_web_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_session_token_hash")),
    )
    op.create_index("ix_web_session_scope", "web_session", ["scope_concept", "scope_id"], unique=False)
    op.create_index("ix_web_session_user_id", "web_session", ["user_id"], unique=False)
    op.create_table(
        "affiliation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_affiliation_dates")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_affiliation_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_affiliation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affiliation")),
        sa.UniqueConstraint(
            "person_id",
            "organisation_id",
            "since",
            name=op.f("uq_affiliation_person_id_organisation_id_since"),
        ),
    )
    op.create_index("ix_affiliation_organisation_id", "affiliation", ["organisation_id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "received",
                "checking",
                "asking",
                "selecting",
                "selected",
                "not_selected",
                "waiting",
                "matching",
                "matched",
                "closed",
                "withdrawn",
                "referred",
                name="applicationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "intake",
            sa.Enum(
                "web",
                "phone",
                "paper",
                "import",
                name="intake",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("screen", sa.Integer(), nullable=False),
        sa.Column("prefecture", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=True),
        sa.Column("any_target", sa.Boolean(), nullable=False),
        sa.Column("unsure_theme", sa.Boolean(), nullable=False),
        sa.Column("unsure_category", sa.Boolean(), nullable=False),
        sa.Column("story", sa.String(), nullable=True),
        sa.Column(
            "times_kind",
            sa.Enum(
                "weekly", "by_talk", name="timeskind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("accommodation_note", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("searching_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("honest_word_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR person_id IS NOT NULL", name=op.f("ck_application_person")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR reference IS NOT NULL", name=op.f("ck_application_reference")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL",
            name=op.f("ck_application_submitted_at"),
        ),
        sa.ForeignKeyConstraint(["origin_id"], ["application.id"], name=op.f("fk_application_origin_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_person_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_application_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    op.create_index("ix_application_person_id", "application", ["person_id"], unique=False)
    op.create_index(
        "ix_application_programme_id_state", "application", ["programme_id", "state"], unique=False
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "personal_data",
                "share_with_supporter",
                "statistics",
                "quote",
                "later_contact",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name=op.f("ck_consent_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_person_id_purpose", "consent", ["person_id", "purpose"], unique=False)
    op.create_table(
        "occupancy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "held",
                "confirmed",
                name="occupancykind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancy_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_occupancy_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancy")),
        sa.UniqueConstraint("person_id", "source", name=op.f("uq_occupancy_person_id_source")),
    )
    op.create_index("ix_occupancy_kind_expires_at", "occupancy", ["kind", "expires_at"], unique=False)
    op.create_index("ix_occupancy_person_id_starts_at", "occupancy", ["person_id", "starts_at"], unique=False)
    op.create_index("ix_occupancy_source", "occupancy", ["source"], unique=False)
    op.create_table(
        "question_option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label_ja", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("leads_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_option_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_option")),
        sa.UniqueConstraint("question_id", "code", name=op.f("uq_question_option_question_id_code")),
        sa.UniqueConstraint("question_id", "position", name=op.f("uq_question_option_question_id_position")),
    )
    op.create_table(
        "supporter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("introduction", sa.String(), nullable=False),
        sa.Column("prefecture", sa.String(), nullable=False),
        sa.Column("setting", sa.String(), nullable=True),
        sa.Column("started_year", sa.Integer(), nullable=True),
        sa.Column("legal_form", sa.String(), nullable=True),
        sa.Column("any_target", sa.Boolean(), nullable=False),
        sa.Column("capacity_month", sa.Integer(), nullable=False),
        sa.Column("capacity_week", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column(
            "receiving",
            sa.Enum(
                "open",
                "few",
                "paused",
                name="receiving",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("training_valid_until", sa.Date(), nullable=False),
        sa.Column("meeting_url", sa.String(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "paused_until IS NULL OR receiving = 'paused'", name=op.f("ck_supporter_paused_until")
        ),
        sa.CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name=op.f("ck_supporter_buffer_minutes")),
        sa.CheckConstraint("capacity_month BETWEEN 0 AND 100", name=op.f("ck_supporter_capacity_month")),
        sa.CheckConstraint("capacity_week BETWEEN 0 AND 40", name=op.f("ck_supporter_capacity_week")),
        sa.CheckConstraint("notice_hours BETWEEN 0 AND 336", name=op.f("ck_supporter_notice_hours")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_supporter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supporter")),
        sa.UniqueConstraint("person_id", name=op.f("uq_supporter_person_id")),
    )
    op.create_table(
        "application_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "scheme IN ('theme', 'target', 'category', 'mode', 'accommodation', 'preference')",
            name=op.f("ck_application_term_scheme"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_application_term_position")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_term_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_term")),
        sa.UniqueConstraint(
            "application_id", "scheme", "code", name=op.f("uq_application_term_application_id_scheme_code")
        ),
        sa.UniqueConstraint(
            "application_id",
            "scheme",
            "position",
            name=op.f("uq_application_term_application_id_scheme_position"),
        ),
    )
    op.create_table(
        "avoided_organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_avoided_organisation_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_avoided_organisation_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avoided_organisation")),
    )
    op.create_table(
        "clarifying_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("first_choice", sa.String(), nullable=True),
        sa.Column("second_choice", sa.String(), nullable=True),
        sa.Column("asked_by_user_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_clarifying_question_answered_at")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_clarifying_question_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarifying_question")),
    )
    op.create_index(
        "ix_clarifying_question_application_id", "clarifying_question", ["application_id"], unique=False
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_user_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_decision_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("application_id", name=op.f("uq_decision_application_id")),
    )
    op.create_table(
        "engagement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "preparing",
                "running",
                "paused",
                "completed",
                "stopped",
                "following",
                "finished",
                name="engagementstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= opened_at", name=op.f("ck_engagement_dates")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_engagement_application_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_engagement_programme_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_engagement_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("application_id", name=op.f("uq_engagement_application_id")),
    )
    op.create_index("ix_engagement_programme_id_state", "engagement", ["programme_id", "state"], unique=False)
    op.create_index("ix_engagement_recipient_id", "engagement", ["recipient_id"], unique=False)
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "crisis",
                "concern",
                "worry",
                "absences",
                name="flagkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by_user_id IS NULL)", name=op.f("ck_flag_resolved")
        ),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_flag_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    op.create_index("ix_flag_application_id", "flag", ["application_id"], unique=False)
    op.create_table(
        "preferred_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "morning",
                "afternoon",
                "evening",
                name="daypart",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_preferred_time_weekday")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_preferred_time_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preferred_time")),
        sa.UniqueConstraint(
            "application_id", "weekday", "part", name=op.f("uq_preferred_time_application_id_weekday_part")
        ),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "filled",
                "exhausted",
                "withdrawn",
                name="proposalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("places_left", sa.Integer(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("places_left >= 0", name=op.f("ck_proposal_places_left")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_proposal_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_application_id", "proposal", ["application_id"], unique=False)
    op.create_index(
        "uq_proposal_open_application",
        "proposal",
        ["application_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "supporter_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supporter_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "scheme IN ('theme', 'target', 'category', 'stage', 'mode', 'accommodation', 'funding')",
            name=op.f("ck_supporter_term_scheme"),
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_supporter_term_level")),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["supporter.id"], name=op.f("fk_supporter_term_supporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supporter_term")),
        sa.UniqueConstraint(
            "supporter_id", "scheme", "code", name=op.f("uq_supporter_term_supporter_id_scheme_code")
        ),
    )
    op.create_table(
        "weekly_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supporter_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_weekly_window_span"),
        ),
        sa.CheckConstraint(
            "start_minute % 30 = 0 AND end_minute % 30 = 0", name=op.f("ck_weekly_window_half_hours")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_window_weekday")),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["supporter.id"], name=op.f("fk_weekly_window_supporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_window")),
        sa.UniqueConstraint(
            "supporter_id",
            "weekday",
            "start_minute",
            name=op.f("uq_weekly_window_supporter_id_weekday_start_minute"),
        ),
    )
    op.create_table(
        "engagement_supporter",
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("supporter_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_engagement_supporter_dates")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_engagement_supporter_engagement_id")
        ),
        sa.ForeignKeyConstraint(
            ["supporter_id"], ["supporter.id"], name=op.f("fk_engagement_supporter_supporter_id")
        ),
        sa.PrimaryKeyConstraint("engagement_id", "supporter_id", name=op.f("pk_engagement_supporter")),
    )
    op.create_index(
        "ix_engagement_supporter_supporter_id", "engagement_supporter", ["supporter_id"], unique=False
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("supporter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "listed",
                "asked",
                "talk_wanted",
                "accepted",
                "declined",
                "expired",
                "withdrawn",
                name="invitationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decline_reason",
            sa.Enum(
                "busy",
                "not_my_field",
                "acquainted",
                "health",
                "other",
                name="declinereason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(state = 'declined') = (decline_reason IS NOT NULL)", name=op.f("ck_invitation_decline_reason")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)",
            name=op.f("ck_invitation_answered_at"),
        ),
        sa.CheckConstraint(
            "state <> 'asked' OR deadline_at IS NOT NULL", name=op.f("ck_invitation_deadline_at")
        ),
        sa.CheckConstraint(
            "state IN ('listed', 'withdrawn') OR asked_at IS NOT NULL", name=op.f("ck_invitation_asked_at")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_invitation_proposal_id")),
        sa.ForeignKeyConstraint(["supporter_id"], ["supporter.id"], name=op.f("fk_invitation_supporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("proposal_id", "position", name=op.f("uq_invitation_proposal_id_position")),
        sa.UniqueConstraint(
            "proposal_id", "supporter_id", name=op.f("uq_invitation_proposal_id_supporter_id")
        ),
    )
    op.create_index("ix_invitation_state_deadline_at", "invitation", ["state", "deadline_at"], unique=False)
    op.create_index("ix_invitation_supporter_id_state", "invitation", ["supporter_id", "state"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "held",
                "no_show",
                "moved",
                "cancelled",
                "recorded",
                name="meetingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "way",
            sa.Enum(
                "online",
                "phone",
                "in_person",
                name="meetingway",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_meeting_minutes")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_meeting_sequence")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_meeting_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("uid", name=op.f("uq_meeting_uid")),
    )
    op.create_index("ix_meeting_engagement_id", "meeting", ["engagement_id"], unique=False)
    op.create_index("ix_meeting_state_starts_at", "meeting", ["state", "starts_at"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "moment",
            sa.Enum(
                "end",
                "three_months",
                "six_months",
                "twelve_months",
                name="moment",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("prefecture", sa.String(), nullable=True),
        sa.Column("regular_visitors", sa.Integer(), nullable=True),
        sa.Column("inquiries", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("started_on IS NULL OR ending = '01'", name=op.f("ck_outcome_started_on")),
        sa.CheckConstraint(
            "regular_visitors IS NULL OR regular_visitors >= 0", name=op.f("ck_outcome_regular_visitors")
        ),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_outcome_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
        sa.UniqueConstraint("engagement_id", "moment", name=op.f("uq_outcome_engagement_id_moment")),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "disaster",
                "family",
                "health",
                "work",
                "other",
                name="pausereason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_pause_dates")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_pause_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_engagement_id"), "pause", ["engagement_id"], unique=False)
    op.create_table(
        "slot_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "chosen",
                "replaced",
                "expired",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_slot_offer_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_offer")),
    )
    op.create_index(
        "ix_slot_offer_engagement_id_state", "slot_offer", ["engagement_id", "state"], unique=False
    )
    op.create_table(
        "thread_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "applicant",
                "supporter",
                "office",
                name="side",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("author_person_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_person_id"], ["person.id"], name=op.f("fk_thread_post_author_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_thread_post_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_post")),
        sa.UniqueConstraint(
            "engagement_id", "submission", name=op.f("uq_thread_post_engagement_id_submission")
        ),
    )
    op.create_index("ix_thread_post_engagement_id_at", "thread_post", ["engagement_id", "at"], unique=False)
    op.create_table(
        "meeting_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("went_well", sa.String(), nullable=False),
        sa.Column("difficult", sa.String(), nullable=False),
        sa.Column("next_promise", sa.String(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_record_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_record")),
        sa.UniqueConstraint("meeting_id", name=op.f("uq_meeting_record_meeting_id")),
    )
    op.create_table(
        "offered_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["slot_offer.id"], name=op.f("fk_offered_slot_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_slot")),
        sa.UniqueConstraint("offer_id", "starts_at", name=op.f("uq_offered_slot_offer_id_starts_at")),
    )
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "applicant",
                "supporter",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "sent",
                "answered",
                "declined",
                "void",
                name="targetstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_target_engagement_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_target_meeting_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_target_person_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_target_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.UniqueConstraint("event", "person_id", name=op.f("uq_target_event_person_id")),
    )
    op.create_index("ix_target_engagement_id", "target", ["engagement_id"], unique=False)
    op.create_index("ix_target_meeting_id", "target", ["meeting_id"], unique=False)
    op.create_index("ix_target_state_due_at", "target", ["state", "due_at"], unique=False)
    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["target_id"], ["target.id"], name=op.f("fk_response_target_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("target_id", name=op.f("uq_response_target_id")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.CheckConstraint("(option_id IS NULL) <> (text IS NULL)", name=op.f("ck_answer_one_value")),
        sa.ForeignKeyConstraint(["option_id"], ["question_option.id"], name=op.f("fk_answer_option_id")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_answer_question_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_answer_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "response_id",
            "question_id",
            "option_id",
            name=op.f("uq_answer_response_id_question_id_option_id"),
        ),
    )
    op.create_index("ix_answer_question_id_option_id", "answer", ["question_id", "option_id"], unique=False)
    # ### end Alembic commands ###
