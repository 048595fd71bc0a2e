"""Stage clocks, supervision sheets, requests, calls, call-backs and digests."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("satisfied", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("callback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_callback_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_callback_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_callback_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_callback_state"), ["state"], unique=False)

    op.create_table(
        "digest",
        sa.Column("group_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "on", "kind"),
    )
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_on"), ["on"], unique=False)

    op.create_table(
        "erasure",
        sa.Column("resident_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("resident_id"),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_done_at"), ["done_at"], unique=False)

    op.create_table(
        "request",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_state"), ["state"], unique=False)

    op.create_table(
        "sheet",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("colour", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("written_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_off_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_area_code"), ["area_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_state"), ["state"], unique=False)

    op.create_table(
        "whistle_call",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("worker_ids", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("called_by", sa.BigInteger(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrive_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_by", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("whistle_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_whistle_call_arrive_due_at"), ["arrive_due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_whistle_call_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_whistle_call_group_id"), ["group_id"], unique=False)

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("checker_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("anonymous", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("clocks", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reopened_from_id", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_case_next_step_at"), ["next_step_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_parent_id"), ["parent_id"], unique=False)
    # Whoever is open, or waits for his rating, gets his clocks when the service first looks at him.
    op.execute(
        sa.text(
            'UPDATE "case" SET next_step_at = opened_at '
            "WHERE status NOT IN ('archived', 'void', 'merged', 'withdrawn')"
        )
    )

    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phase", sa.String(), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_media_by"), ["by"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_by"))
        batch_op.drop_column("phase")

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_parent_id"))
        batch_op.drop_index(batch_op.f("ix_case_next_step_at"))
        batch_op.drop_column("reopened_from_id")
        batch_op.drop_column("next_step_at")
        batch_op.drop_column("clocks")
        batch_op.drop_column("anonymous")
        batch_op.drop_column("checker_id")
        batch_op.drop_column("outcome")

    with op.batch_alter_table("whistle_call", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_whistle_call_group_id"))
        batch_op.drop_index(batch_op.f("ix_whistle_call_case_id"))
        batch_op.drop_index(batch_op.f("ix_whistle_call_arrive_due_at"))

    op.drop_table("whistle_call")
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheet_state"))
        batch_op.drop_index(batch_op.f("ix_sheet_number"))
        batch_op.drop_index(batch_op.f("ix_sheet_group_id"))
        batch_op.drop_index(batch_op.f("ix_sheet_case_id"))
        batch_op.drop_index(batch_op.f("ix_sheet_area_code"))

    op.drop_table("sheet")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_state"))
        batch_op.drop_index(batch_op.f("ix_request_group_id"))
        batch_op.drop_index(batch_op.f("ix_request_case_id"))

    op.drop_table("request")
    op.drop_table("erasure")
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_on"))

    op.drop_table("digest")
    with op.batch_alter_table("callback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_callback_state"))
        batch_op.drop_index(batch_op.f("ix_callback_group_id"))
        batch_op.drop_index(batch_op.f("ix_callback_due_at"))
        batch_op.drop_index(batch_op.f("ix_callback_case_id"))

    op.drop_table("callback")
