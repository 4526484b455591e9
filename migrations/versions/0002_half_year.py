"""The half-year: selection with reviewers, milestones with evidence, notes, handovers, amendments."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = [
    "stored_file",
    "amendment",
    "saved_view",
    "selection_criterion",
    "selection_question",
    "review",
    "selection_answer",
    "handover",
    "milestone",
    "note",
    "review_score",
    "evidence",
    "milestone_check",
    "milestone_move",
]
FALSE = sa.false()
COLUMNS: dict[
    str, list[tuple[str, sa.types.TypeEngine[object], object]]
] = {  # name, type, and what old rows get
    "application": [("shares_talk", sa.Boolean(), FALSE)],
    "decision": [
        ("waiting_position", sa.Integer(), None),
        ("told_at", sa.DateTime(timezone=True), None),
    ],
    "engagement_supporter": [
        ("sees_talks", sa.Boolean(), FALSE),
        ("sees_thread", sa.Boolean(), FALSE),
        ("sees_evidence", sa.Boolean(), FALSE),
    ],
    "meeting_record": [
        ("promise_on", sa.Date(), None),
        ("was_heavy", sa.Boolean(), FALSE),
    ],
    "pause": [("expected_until", sa.Date(), None), ("batch", sa.String(), None)],
    "outcome": [
        ("activity_name", sa.String(), None),
        ("income", sa.String(), None),
        ("in_touch", sa.String(), None),
    ],
    "question": [("text_easy", sa.String(), None)],
    "question_option": [("label_easy", sa.String(), None)],
    "programme": [
        ("introduction_ja", sa.String(), None),
        ("introduction_en", sa.String(), None),
        ("result_on", sa.Date(), None),
        ("reviewers_min", sa.Integer(), "2"),
    ],
    "engagement": [
        ("begins_on", sa.Date(), None),
        ("ends_on", sa.Date(), None),
        ("goal", sa.String(), None),
    ],
}
# table, its CHECK, the words before and after; None where there was no such CHECK
CHECKS = (
    ("programme", "reviewers_min", None, "reviewers_min BETWEEN 1 AND 9"),
    ("engagement", "span", None, "ends_on IS NULL OR (begins_on IS NOT NULL AND ends_on >= begins_on)"),
    (
        "flag",
        "flagkind",
        "kind IN ('crisis', 'concern', 'worry', 'absences')",
        "kind IN ('crisis', 'concern', 'worry', 'absences', 'silence', 'heavy', 'change')",
    ),
    (
        "outcome",
        "moment",
        "moment IN ('end', 'three_months', 'six_months', 'twelve_months')",
        "moment IN ('end', 'one_week', 'one_month', 'three_months', 'six_months', 'twelve_months')",
    ),
)


def upgrade() -> None:
    _create_tables()
    for table, columns in COLUMNS.items():
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    op.execute("UPDATE decision SET told_at = decided_at")  # a decision was told at once until now
    op.create_index(op.f("ix_pause_batch"), "pause", ["batch"])
    for table, name, old, new in CHECKS:
        _exchange_check(table, name, old, new)


def downgrade() -> None:
    op.execute("DELETE FROM flag WHERE kind IN ('silence', 'heavy', 'change')")
    op.execute("DELETE FROM outcome WHERE moment IN ('one_week', 'one_month')")
    for table, name, old, new in CHECKS:
        _exchange_check(table, name, new, old)
    op.drop_index(op.f("ix_pause_batch"), "pause")
    for table, columns in COLUMNS.items():
        for name, _kind, _default in columns:
            op.drop_column(table, name)
    for table in reversed(TABLES):
        op.drop_table(table)


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
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_stored_file_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("key", name=op.f("uq_stored_file_key")),
    )
    op.create_index("ix_stored_file_about", "stored_file", ["about"], unique=False)
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=True),
        sa.Column("new", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("made_by_user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_user_id"], ["user.id"], name=op.f("fk_amendment_made_by_user_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_amendment_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    op.create_index(
        "ix_amendment_applied_at_effective_on", "amendment", ["applied_at", "effective_on"], unique=False
    )
    op.create_index("ix_amendment_programme_id", "amendment", ["programme_id"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("user_id", "page", "name", name=op.f("uq_saved_view_user_id_page_name")),
    )
    op.create_table(
        "selection_criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("name_ja", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("guide_ja", sa.String(), nullable=True),
        sa.Column("guide_en", sa.String(), nullable=True),
        sa.CheckConstraint("most BETWEEN 1 AND 10", name=op.f("ck_selection_criterion_most")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_selection_criterion_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_criterion")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_selection_criterion_programme_id_code")),
        sa.UniqueConstraint(
            "programme_id", "position", name=op.f("uq_selection_criterion_programme_id_position")
        ),
    )
    op.create_table(
        "selection_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "length",
            sa.Enum(
                "line", "block", name="questionlength", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("text_ja", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("help_ja", sa.String(), nullable=True),
        sa.Column("help_en", sa.String(), nullable=True),
        sa.CheckConstraint("maximum BETWEEN 1 AND 5000", name=op.f("ck_selection_question_maximum")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_selection_question_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_question")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_selection_question_programme_id_code")),
        sa.UniqueConstraint(
            "programme_id", "position", name=op.f("uq_selection_question_programme_id_position")
        ),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_user_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "submitted",
                "barred",
                name="reviewstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'submitted') = (submitted_at IS NOT NULL)", name=op.f("ck_review_submitted_at")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_review_application_id")
        ),
        sa.ForeignKeyConstraint(["reviewer_user_id"], ["user.id"], name=op.f("fk_review_reviewer_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint(
            "application_id", "reviewer_user_id", name=op.f("uq_review_application_id_reviewer_user_id")
        ),
    )
    op.create_index("ix_review_reviewer_user_id_state", "review", ["reviewer_user_id", "state"], unique=False)
    op.create_table(
        "selection_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_selection_answer_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["selection_question.id"], name=op.f("fk_selection_answer_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection_answer")),
        sa.UniqueConstraint(
            "application_id", "question_id", name=op.f("uq_selection_answer_application_id_question_id")
        ),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "chosen",
                "done",
                "cancelled",
                name="handoverstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "wished_by",
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
        sa.Column("wished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("talks", sa.Boolean(), nullable=False),
        sa.Column("thread", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_handover_done_at")),
        sa.CheckConstraint(
            "state IN ('asked', 'cancelled') OR chosen_at IS NOT NULL", name=op.f("ck_handover_chosen_at")
        ),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_handover_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("ix_handover_engagement_id", "handover", ["engagement_id"], unique=False)
    op.create_index(
        "uq_handover_open_engagement",
        "handover",
        ["engagement_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('asked', 'chosen')"),
        postgresql_where=sa.text("state IN ('asked', 'chosen')"),
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "not_started",
                "in_progress",
                "checking",
                "reached",
                "revising",
                "skipped",
                name="milestonestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'reached') = (reached_at IS NOT NULL)", name=op.f("ck_milestone_reached_at")
        ),
        sa.CheckConstraint("(code IS NULL) <> (title IS NULL)", name=op.f("ck_milestone_name")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_milestone_engagement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("engagement_id", "position", name=op.f("uq_milestone_engagement_id_position")),
    )
    op.create_index("ix_milestone_due_on", "milestone", ["due_on"], unique=False)
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("author_person_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("shared_at IS NULL OR shared_at >= written_at", name=op.f("ck_note_shared_at")),
        sa.ForeignKeyConstraint(["author_person_id"], ["person.id"], name=op.f("fk_note_author_person_id")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_note_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index(
        "ix_note_engagement_id_author_person_id", "note", ["engagement_id", "author_person_id"], unique=False
    )
    op.create_table(
        "review_score",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("points BETWEEN 0 AND 10", name=op.f("ck_review_score_points")),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["selection_criterion.id"], name=op.f("fk_review_score_criterion_id")
        ),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_score_review_id")),
        sa.PrimaryKeyConstraint("review_id", "criterion_id", name=op.f("pk_review_score")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "file",
                "link",
                "meeting",
                name="evidencekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
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
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'file') = (file_id IS NOT NULL)", name=op.f("ck_evidence_file")),
        sa.CheckConstraint("(kind = 'link') = (url IS NOT NULL)", name=op.f("ck_evidence_url")),
        sa.CheckConstraint("(kind = 'meeting') = (meeting_id IS NOT NULL)", name=op.f("ck_evidence_meeting")),
        sa.CheckConstraint("(kind = 'text') = (text IS NOT NULL)", name=op.f("ck_evidence_text")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_evidence_file_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_evidence_meeting_id")),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name=op.f("fk_evidence_milestone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_milestone_id", "evidence", ["milestone_id"], unique=False)
    op.create_table(
        "milestone_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_check_milestone_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_check")),
    )
    op.create_index("ix_milestone_check_milestone_id", "milestone_check", ["milestone_id"], unique=False)
    op.create_table(
        "milestone_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("old_due_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "more_time",
                "waiting",
                "health",
                "family",
                "pause",
                "beginning",
                "other",
                name="movereason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_move_milestone_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_move")),
    )
    op.create_index("ix_milestone_move_milestone_id", "milestone_move", ["milestone_id"], unique=False)
