"""Writing a batch of plans in one transaction, so that one plan's conflict never fails its neighbours.

Everything is checked under locks before anything is written: guards (row versions), then repeats (the inbound key). What is left is
written in bulk. Locks are taken in one order (tables by name, keys ascending), so that two processes cannot deadlock on rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, inspect, select, update
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from storage import chain
from storage.bulk import insert_returning, insert_rows
from storage.columns import InboundState, MessageState
from storage.guards import mark_conflicts
from storage.plan import Change, Committed, EventDraft, Outcome, Plan, Repeated
from storage.rows import chunks, key_column, row_values
from storage.tables import Case, CaseEvent, Inbound, Outbox, Target


def write_batch(connection: Connection, plans: Sequence[Plan], first_id: int) -> list[Outcome]:
    """Write what can be written; an outcome for each plan. `first_id` starts the ids of outbox rows (`count_outbox` of them)."""
    outcomes: list[Outcome] = [Committed()] * len(plans)
    mark_conflicts(connection, plans, outcomes)
    _write_inbound(connection, plans, outcomes)
    good = [plan for plan, outcome in zip(plans, outcomes, strict=True) if isinstance(outcome, Committed)]
    _write_rows_and_events(connection, good)
    _write_changes(connection, good)
    _write_outbox(connection, good, first_id)
    return outcomes


def count_outbox(plans: Iterable[Plan]) -> int:
    """How many outbox ids a batch needs at most."""
    return sum(len(plan.outbox) for plan in plans)


def _write_inbound(connection: Connection, plans: Sequence[Plan], outcomes: list[Outcome]) -> None:
    fresh: dict[str, int] = {}
    twins: list[tuple[int, int]] = []
    for index, plan in enumerate(plans):
        if plan.inbound is None or not isinstance(outcomes[index], Committed):
            continue
        if plan.inbound.key in fresh:
            twins.append((index, fresh[plan.inbound.key]))
        else:
            fresh[plan.inbound.key] = index
    for chunk in chunks(sorted(fresh)):
        rows = [row_values(plans[fresh[key]].inbound) for key in chunk]  # type: ignore[arg-type]  # only plans that have one
        written = _insert_new_inbound(connection, rows)
        repeats = [key for key in chunk if key not in written]
        if repeats:
            for key, outcome in _look_up_repeats(connection, repeats, plans, fresh).items():
                outcomes[fresh[key]] = outcome
    for twin, first in twins:
        outcomes[twin] = _repeat_of(plans[first], outcomes[first])


def _repeat_of(first: Plan, outcome: Outcome) -> Outcome:
    # Both came in one batch: what the first is answered is what "was answered then".
    if isinstance(outcome, Committed) and first.inbound is not None:
        return Repeated(first.inbound.reply)
    return outcome


def _insert_new_inbound(connection: Connection, rows: list[dict[str, Any]]) -> set[str]:
    if connection.dialect.name == "sqlite":
        found = insert_returning(connection, Inbound, rows, "ON CONFLICT (key) DO NOTHING RETURNING key")
        return {row[0] for row in found}
    table = Inbound.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    statement = postgresql.insert(table).on_conflict_do_nothing(index_elements=["key"]).returning(table.c.key)
    return {row[0] for row in connection.execute(statement, rows)}


def _look_up_repeats(
    connection: Connection, keys: list[str], plans: Sequence[Plan], fresh: dict[str, int]
) -> dict[str, Outcome]:
    columns = inspect(Inbound).columns
    query = select(columns["key"], columns["id"], columns["state"], columns["reply"]).where(columns["key"].in_(keys))
    # Locked: of two processes that finish one pending update, the second must see that the first has done it.
    query = query.order_by(columns["key"]).with_for_update()
    outcomes: dict[str, Outcome] = {}
    for key, row_id, state, reply in connection.execute(query).all():
        inbound = plans[fresh[key]].inbound
        if state is InboundState.PENDING and inbound is not None and inbound.id == row_id:
            _finish_pending(connection, inbound)
            outcomes[key] = Committed()
        else:
            outcomes[key] = Repeated(reply)
    return outcomes


def _finish_pending(connection: Connection, inbound: Inbound) -> None:
    # The update had been kept first and is handled now: the same row, so that it is never handled twice.
    values = row_values(inbound)
    key = key_column(Inbound)
    connection.execute(update(Inbound).where(key == values.pop("id")).values(**values))


def _write_rows_and_events(connection: Connection, plans: Sequence[Plan]) -> None:
    drafts = [draft for plan in plans for draft in plan.events]
    by_table: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
    for row in (row for plan in plans for row in plan.rows):
        by_table[type(row)].append(row_values(row))
    born = {values["id"]: values for values in by_table.get(Case, ())}
    heads = _lock_heads(connection, {draft.case_id for draft in drafts} - born.keys())
    old = set(heads)
    heads.update({case_id: (values["head_seq"], values["head_hash"]) for case_id, values in born.items()})
    links = [_next_link(heads, draft) for draft in drafts]
    # A new case is written with the end of its chain; nobody could have seen it without.
    for case_id, values in born.items():
        values["head_seq"], values["head_hash"] = heads[case_id]
    for table, rows in by_table.items():
        insert_rows(connection, table, rows)
    insert_rows(connection, CaseEvent, links)
    ends = [{"k": case_id, "head_seq": heads[case_id][0], "head_hash": heads[case_id][1]} for case_id in sorted(old)]
    if ends:
        _update_many(connection, Case, ends, ("head_seq", "head_hash"))


def _lock_heads(connection: Connection, case_ids: set[int]) -> dict[int, tuple[int, str]]:
    columns = inspect(Case).columns
    heads: dict[int, tuple[int, str]] = {}
    for chunk in chunks(sorted(case_ids)):
        query = select(columns["id"], columns["head_seq"], columns["head_hash"])
        query = query.where(columns["id"].in_(chunk)).order_by(columns["id"]).with_for_update()
        heads.update((row[0], (row[1], row[2])) for row in connection.execute(query))
    return heads


def _next_link(heads: dict[int, tuple[int, str]], draft: EventDraft) -> dict[str, Any]:
    seq, head = heads[draft.case_id]
    salt, payload = chain.new_salt(), chain.render_payload(dict(draft.payload))
    digest = chain.digest_of(salt, payload)
    previous = head or chain.genesis(draft.case_id)
    link = chain.link_hash(previous, draft.case_id, seq + 1, draft.kind, draft.at, draft.actor, digest)
    heads[draft.case_id] = (seq + 1, link)
    return {
        "case_id": draft.case_id,
        "seq": seq + 1,
        "kind": draft.kind,
        "at": draft.at,
        "actor": draft.actor,
        "payload": payload,
        "salt": salt,
        "digest": digest,
        "hash": link,
    }


def _write_changes(connection: Connection, plans: Sequence[Plan]) -> None:
    # Folded by row first: grouping by shape would otherwise reorder two changes to one row.
    rows_after: dict[tuple[type[SQLModel], int | str], dict[str, Any]] = defaultdict(dict)
    for change in (change for plan in plans for change in plan.changes):
        rows_after[change.table, change.key].update(_with_version(change))
    shapes: dict[tuple[type[SQLModel], tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
    for (table, key), values in rows_after.items():
        shapes[table, tuple(sorted(values))].append({"k": key, **values})
    for (table, names), rows in shapes.items():
        _update_many(connection, table, rows, names)


def _with_version(change: Change) -> dict[str, Any]:
    return dict(change.values) if change.version is None else {**change.values, "version": change.version + 1}


def _update_many(
    connection: Connection, table: type[SQLModel], rows: list[dict[str, Any]], names: Sequence[str]
) -> None:
    core = table.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    key = next(iter(core.primary_key.columns))
    # Bound names differ from the columns' own, which SQLAlchemy keeps for itself in an update.
    statement = update(core).where(key == bindparam("k")).values({name: bindparam(f"v_{name}") for name in names})
    connection.execute(statement, [{"k": row["k"], **{f"v_{name}": row[name] for name in names}} for row in rows])


def _write_outbox(connection: Connection, plans: Sequence[Plan], first_id: int) -> None:
    drafts = [draft for plan in plans for draft in plan.outbox]
    if not drafts:
        return
    counts: dict[str, int] = defaultdict(int)
    due: dict[str, Any] = {}
    for draft in drafts:
        counts[draft.target] += 1
        due[draft.target] = min(due.get(draft.target, draft.due_at), draft.due_at)
    ends = _advance_targets(connection, counts, due)
    following = {key: ends[key] - counts[key] for key in counts}
    rows = []
    for offset, draft in enumerate(drafts):
        following[draft.target] += 1
        rows.append(
            {
                "id": first_id + offset,
                "target": draft.target,
                "seq": following[draft.target],
                "state": MessageState.QUEUED,
                "kind": draft.kind,
                "case_id": draft.case_id,
                "body": dict(draft.body),
                "created_at": draft.due_at,
                "due_at": draft.due_at,
                "tries": 0,
                "sent_at": None,
                "sent_via": "",
                "refusal": "",
            }
        )
    insert_rows(connection, Outbox, rows)


_ADVANCE = (
    "ON CONFLICT (key) DO UPDATE SET last_seq = target.last_seq + excluded.last_seq, "
    "due_at = min(coalesce(target.due_at, excluded.due_at), excluded.due_at) RETURNING key, last_seq"
)


def _advance_targets(connection: Connection, counts: dict[str, int], due: dict[str, Any]) -> dict[str, int]:
    ends: dict[str, int] = {}
    for chunk in chunks(sorted(counts)):
        rows = [{"key": key, "last_seq": counts[key], "due_at": due[key]} for key in chunk]
        if connection.dialect.name == "sqlite":
            found: Sequence[Any] = insert_returning(connection, Target, rows, _ADVANCE)
        else:
            found = connection.execute(_advance_statement(), rows).all()
        ends.update((row[0], row[1]) for row in found)
    return ends


def _advance_statement() -> Any:
    table = Target.__table__  # type: ignore[attr-defined]  # SQLModel adds it
    statement = postgresql.insert(table)
    new = statement.excluded
    due_at = func.least(func.coalesce(table.c.due_at, new.due_at), new.due_at)
    values = {"last_seq": table.c.last_seq + new.last_seq, "due_at": due_at}
    statement = statement.on_conflict_do_update(index_elements=["key"], set_=values)
    return statement.returning(table.c.key, table.c.last_seq)
