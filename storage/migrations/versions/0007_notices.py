"""Notices: approvals, pictures, targets, sign-ups, clues, their history, and mass sends."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clue",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("pictures", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("passed_to", sa.String(), nullable=False),
        sa.Column("feedback", sa.String(), nullable=False),
        sa.Column("feedback_by", sa.String(), nullable=False),
        sa.Column("feedback_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    with op.batch_alter_table("clue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clue_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_clue_person"), ["person"], unique=False)

    op.create_table(
        "mass_count",
        sa.Column("resident_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("resident_id", "month"),
    )
    op.create_table(
        "mass_send",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("client_msg_id", sa.String(), nullable=False),
        sa.Column("msg_id", sa.String(), nullable=False),
        sa.Column("openids", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_msg_id"),
    )
    with op.batch_alter_table("mass_send", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mass_send_msg_id"), ["msg_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mass_send_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mass_send_state"), ["state"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("colour", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_in", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repeat", sa.String(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supersedes_id", sa.BigInteger(), nullable=True),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recalled_by", sa.String(), nullable=False),
        sa.Column("recall_reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_area_code"), ["area_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_made_by"), ["made_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_remind_at"), ["remind_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_send_at"), ["send_at"], unique=False)
        batch_op.create_index("ix_notice_state_ends", ["state", "ends_at"], unique=False)
        batch_op.create_index("ix_notice_state_sent", ["state", "sent_at"], unique=False)

    op.create_table(
        "notice_approval",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("worker_id", sa.BigInteger(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice_id", "step", "worker_id"),
    )
    with op.batch_alter_table("notice_approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_approval_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "notice_event",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("notice_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_event_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "notice_picture",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("notice_picture", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_picture_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "notice_signup",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice_id", "person", "name"),
    )
    with op.batch_alter_table("notice_signup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_signup_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_signup_person"), ["person"], unique=False)

    op.create_table(
        "notice_target",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.String(length=120), nullable=False),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("target", "notice_id"),
    )
    with op.batch_alter_table("notice_target", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_target_outbox_id"), ["outbox_id"], unique=False)
        batch_op.create_index("ix_notice_target_state", ["notice_id", "state", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notice_target", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_target_state")
        batch_op.drop_index(batch_op.f("ix_notice_target_outbox_id"))

    op.drop_table("notice_target")
    with op.batch_alter_table("notice_signup", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_signup_person"))
        batch_op.drop_index(batch_op.f("ix_notice_signup_notice_id"))

    op.drop_table("notice_signup")
    with op.batch_alter_table("notice_picture", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_picture_notice_id"))

    op.drop_table("notice_picture")
    with op.batch_alter_table("notice_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_event_notice_id"))

    op.drop_table("notice_event")
    with op.batch_alter_table("notice_approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_approval_notice_id"))

    op.drop_table("notice_approval")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_state_sent")
        batch_op.drop_index("ix_notice_state_ends")
        batch_op.drop_index(batch_op.f("ix_notice_send_at"))
        batch_op.drop_index(batch_op.f("ix_notice_remind_at"))
        batch_op.drop_index(batch_op.f("ix_notice_made_by"))
        batch_op.drop_index(batch_op.f("ix_notice_ends_at"))
        batch_op.drop_index(batch_op.f("ix_notice_area_code"))

    op.drop_table("notice")
    with op.batch_alter_table("mass_send", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mass_send_state"))
        batch_op.drop_index(batch_op.f("ix_mass_send_notice_id"))
        batch_op.drop_index(batch_op.f("ix_mass_send_msg_id"))

    op.drop_table("mass_send")
    op.drop_table("mass_count")
    with op.batch_alter_table("clue", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clue_person"))
        batch_op.drop_index(batch_op.f("ix_clue_notice_id"))

    op.drop_table("clue")
