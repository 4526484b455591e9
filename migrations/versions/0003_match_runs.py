"""Matching rounds with their certificates."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "match_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("facts", "weights", "pins", "bans")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("pairs", "proof")),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("worst", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("total", "dual_total", "spread")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("allowed", "pruned", "rounds")),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("dual_total = total", name=op.f("ck_match_run_proven")),
        sa.CheckConstraint(
            "matched >= 0 AND (worst BETWEEN 0 AND 100 OR worst IS NULL)", name=op.f("ck_match_run_figures")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_match_run_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_run")),
    )
    op.create_index("ix_match_run_programme_id", "match_run", ["programme_id"], unique=False)


def downgrade() -> None:
    op.drop_table("match_run")
