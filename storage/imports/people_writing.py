"""Workers and posts into the archive. A file states all posts of each worker that it names; workers it does not name stay."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.imports.people import KnownWorker, PersonRecord
from storage.imports.writing import Desk, Ids, Imported, Stored, Values, differs, pick

_POST_KEY = ("area_code", "role", "category")


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
    known = [one for one in records if one.id is not None]
    drawn = [*range(-len(new), 0)] if dry_run else [*await ids.take(len(new))] if new else []
    await desk.insert("worker", [_new_worker(id_, one) for id_, one in zip(drawn, new, strict=True)])
    owners = [*zip(drawn, new, strict=True), *((one.id, one) for one in known if one.id is not None)]
    touched = await _write_posts(desk, owners, ids)
    stored = {row["id"]: row for row in await desk.load("worker")} if known else {}
    wanted = [_known_worker(one, stored, only) for one in known]
    changed = [values for values in wanted if differs(stored[values["id"]], values)]
    await desk.update("worker", "id", changed)
    updated = {values["id"] for values in changed} | {one.id for one in known if one.id in touched}
    return Imported(len(new), len(updated), len(known) - len(updated))


def _new_worker(id_: int, person: PersonRecord) -> Values:
    return {"id": id_, "userid": person.userid, "conversation": {}, "version": 0, **_common(person)}


def _known_worker(person: PersonRecord, stored: Mapping[int, Stored], only: Collection[str] | None) -> Values:
    assert person.id is not None
    values = pick({**_common(person), "userid": person.userid}, only, ("area_code",))
    # Every row of one statement has the same columns, so an unnamed userid is written as it stands.
    if "userid" in values and person.userid is None:
        values["userid"] = stored[person.id]["userid"]
    return {"id": person.id, **values}


def _common(person: PersonRecord) -> Values:
    return {
        "name": person.name,
        "phone": person.phone,
        "area_code": person.area_code,
        "level": person.level,
        "status": person.status,
    }


async def _write_posts(desk: Desk, owners: list[tuple[int, PersonRecord]], ids: Ids) -> set[int]:
    """Make each worker's posts what his record says; the ids of the workers whose posts changed."""
    mine = {id_ for id_, _ in owners}
    stored: dict[int, dict[tuple[object, ...], int]] = defaultdict(dict)
    for row in await desk.load("post"):
        if row["worker_id"] in mine:
            stored[row["worker_id"]][tuple(row[name] for name in _POST_KEY)] = row["id"]
    new: list[Values] = []
    gone: list[int] = []
    touched: set[int] = set()
    for id_, person in owners:
        wanted = {(post.area_code, post.role, post.category) for post in person.posts}
        added = [post for post in person.posts if (post.area_code, post.role, post.category) not in stored[id_]]
        dropped = [post_id for key, post_id in stored[id_].items() if key not in wanted]
        new += [
            {"worker_id": id_, "area_code": post.area_code, "role": post.role, "category": post.category}
            for post in added
        ]
        gone += dropped
        touched |= {id_} if added or dropped else set()
    await desk.delete("post", gone)
    if new and not desk.dry_run:
        drawn = await ids.take(len(new))
        await desk.insert("post", [{"id": id_, **values} for id_, values in zip(drawn, new, strict=True)])
    return touched
