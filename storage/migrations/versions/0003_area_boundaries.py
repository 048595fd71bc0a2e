"""Boundaries of areas, with the days on which they are in force."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area_boundary",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area_code", sa.String(), nullable=False),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("geometry", sa.String(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["area_code"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area_code", "effective_from"),
    )
    with op.batch_alter_table("area_boundary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_area_boundary_area_code"), ["area_code"], unique=False)


def downgrade() -> None:
    op.drop_table("area_boundary")
