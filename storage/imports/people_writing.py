"""Workers and posts into the archive. A file states all posts of each worker that it names; workers it does not name stay."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.imports.people import KnownWorker, PersonRecord, PostRecord
from storage.imports.writing import Desk, Ids, Imported, Stored, Values, differs, pick


async def load_workers(connection: AsyncConnection) -> list[KnownWorker]:
    """Every stored worker, as far as matching needs him."""
    rows = await Desk(connection).load("worker", "id", "userid", "name", "phone")
    return [KnownWorker(**row) for row in rows]


async def write_people(
    connection: AsyncConnection,
    records: tuple[PersonRecord, ...],
    ids: Ids,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    dry_run: bool = False,
) -> Imported:
    """Insert or change workers, matched by `record.id`. A userid that is bound already is never emptied."""
    desk = Desk(connection, dry_run)
    new = [one for one in records if one.id is None]
    known = {one.id: one for one in records if one.id is not None}
    drawn = [*range(-len(new), 0)] if dry_run else [*await ids.take(len(new))] if new else []
    await desk.insert("worker", [_new_worker(id_, one) for id_, one in zip(drawn, new, strict=True)])
    touched = await _write_posts(desk, {**dict(zip(drawn, new, strict=True)), **known}, ids)
    stored = {row["id"]: row for row in await desk.load("worker")} if known else {}
    wanted = {id_: _known_worker(id_, one, stored[id_], only) for id_, one in known.items()}
    changed = [values for id_, values in wanted.items() if differs(stored[id_], values)]
    await desk.update("worker", "id", changed)
    updated = {values["id"] for values in changed} | touched & set(known)
    return Imported(len(new), len(updated), len(known) - len(updated))


def _new_worker(id_: int, person: PersonRecord) -> Values:
    return {"id": id_, "userid": person.userid, "conversation": {}, "version": 0, **_common(person)}


def _known_worker(id_: int, person: PersonRecord, stored: Stored, only: Collection[str] | None) -> Values:
    # Every row of one statement has the same columns, so an unnamed userid is written as it stands.
    given = {**_common(person), "userid": person.userid or stored["userid"]}
    return {"id": id_, **pick(given, only, ("area_code",))}


def _common(person: PersonRecord) -> Values:
    return {
        "name": person.name,
        "phone": person.phone,
        "area_code": person.area_code,
        "level": person.level,
        "status": person.status,
    }


async def _write_posts(desk: Desk, people: Mapping[int, PersonRecord], ids: Ids) -> set[int]:
    """Make each worker's posts what his record says; the ids of the workers whose posts changed."""
    stored = await _load_posts(desk, people)
    new: list[Values] = []
    gone: list[int] = []
    touched: set[int] = set()
    for id_, person in people.items():
        wanted = {tuple(values.values()): values for values in map(asdict, person.posts)}
        added = [{"worker_id": id_, **values} for key, values in wanted.items() if key not in stored[id_]]
        dropped = [post_id for key, post_id in stored[id_].items() if key not in wanted]
        new += added
        gone += dropped
        touched |= {id_} if added or dropped else set()
    await desk.delete("post", gone)
    if new and not desk.dry_run:
        drawn = await ids.take(len(new))
        await desk.insert("post", [{"id": id_, **values} for id_, values in zip(drawn, new, strict=True)])
    return touched


async def _load_posts(desk: Desk, people: Mapping[int, PersonRecord]) -> dict[int, dict[tuple[object, ...], int]]:
    """The stored posts of these workers: worker → post, as its record's fields in order → id."""
    stored: dict[int, dict[tuple[object, ...], int]] = defaultdict(dict)
    order = [field.name for field in fields(PostRecord)]
    for row in await desk.load("post"):
        if row["worker_id"] in people:
            stored[row["worker_id"]][tuple(row[name] for name in order)] = row["id"]
    return stored
