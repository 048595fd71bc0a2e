"""What a case is found by when somebody tells of the same, who else reported it, and its theme."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_sketch",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_case_sketch_opened_at"), "case_sketch", ["opened_at"], unique=False)
    op.create_table(
        "case_reporter",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("resident_id", sa.BigInteger(), nullable=False),
        sa.Column("via_case_id", sa.BigInteger(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("case_reporter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_reporter_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_reporter_resident_id"), ["resident_id"], unique=False)
    with op.batch_alter_table("case", schema=None) as batch_op:
        # What was taken in before has no theme; the figures begin with the next case.
        batch_op.add_column(sa.Column("theme", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_column("theme")

    with op.batch_alter_table("case_reporter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_reporter_resident_id"))
        batch_op.drop_index(batch_op.f("ix_case_reporter_case_id"))

    op.drop_table("case_reporter")
    op.drop_index(op.f("ix_case_sketch_opened_at"), table_name="case_sketch")
    op.drop_table("case_sketch")
