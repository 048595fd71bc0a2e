"""Pictures: quoted with a command, sent with words from a PC, or alone in single chat. They go to the case that is talked about."""

import re
from dataclasses import replace

from grid.actions.reporter import AFTER, BEFORE, PHASES, attach
from grid.desk import Actor
from grid.workflow import Status
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.update import MediaRef
from handlers.worker.answers import after_plan, how_to, refuse, tell
from handlers.worker.commands import Command
from handlers.worker.selection import choose, find_actor
from handlers.worker.verbs import READ_ONLY, Verb
from storage.columns import MediaState
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Case, Media

_WORDS = {"image": "照片", "file": "文件", "video": "视频"}


def list_media(talk: WorkerTalk) -> tuple[MediaRef, ...]:
    """What came with the message: in it, or in what it quotes."""
    quoted = talk.update.quote.media if talk.update.quote else ()
    return (*talk.update.media, *quoted)


async def hear_attach(talk: WorkerTalk, command: Command) -> Said:
    """照片 [number], quoting a picture; also a picture that came alone or with words that are no command."""
    if not list_media(talk):
        return refuse(f"没有看到照片：请引用那张照片，再回复{how_to(talk, '照片 1123-08')}；也可以私聊直接发给我。")
    chosen = await choose(talk, command, None)
    if isinstance(chosen, Said):
        return _ask_which(chosen)
    # `attach_pictures` does the rest, as after every other command.
    return tell("", "attached", case_id=chosen.case.id)


def _ask_which(asked: Said) -> Said:
    text = f"这张照片还没有附到工单。请引用它再说明是哪一件：\n{asked.reply.text}"
    return Said(replace(asked.reply, text=text), asked.outcome, asked.plan, asked.case_id)


async def attach_pictures(talk: WorkerTalk, verb: Verb, said: Said) -> Said:
    """After any command: its pictures belong to the case that it was about, even if the command itself was refused."""
    media = list_media(talk)
    if not media or said.case_id is None or verb in READ_ONLY:
        return said
    case = _find_new(said, said.case_id) or await talk.books.find(Case, said.case_id)
    if case is None:
        return said
    actor = find_actor(talk, case)
    if actor is None:
        return said
    phase = find_phase(talk.update.text, verb, after_plan(case, said.plan))
    said.plan = said.plan.merge(await _plan(talk, case, actor, media, phase))
    before = len(await talk.books.list_media(case.id))
    name = f"{PHASES.get(phase, '')}{_WORDS.get(media[0].kind, '附件')}"
    note = f"{name}已附到 {case.number}（共{before + len(media)}份）。"
    said.reply = replace(said.reply, text="\n".join(part for part in (said.reply.text, note) if part))
    return said


def _find_new(said: Said, case_id: int) -> Case | None:
    return next((row for row in said.plan.rows if isinstance(row, Case) and row.id == case_id), None)


_SAYS_AFTER = re.compile(r"(?:处置|处理|整改|清理|维修|修复|施工|完工|疏通|修好|办结)(?:之)?后|完工照|后照|现在的样子")
_SAYS_BEFORE = re.compile(r"(?:处置|处理|整改|清理|维修|修复|施工|疏通|办结)(?:之)?前|前照|原来的样子")


def find_phase(text: str, verb: Verb, case: Case) -> str:
    """Whether a worker's picture shows the place before or after the work: as he says, else by how far the case is.

    With 办结 and from then on it is 处置后; until then, of whoever works on it, 处置前. A patrol's picture of a new matter too.
    """
    if _SAYS_AFTER.search(text):
        return AFTER
    if _SAYS_BEFORE.search(text):
        return BEFORE
    is_done = verb is Verb.RESOLVE or case.status in (Status.CHECKING, Status.RESOLVED, Status.RATED, Status.ARCHIVED)
    return AFTER if is_done else BEFORE


async def _plan(talk: WorkerTalk, case: Case, actor: Actor, media: tuple[MediaRef, ...], phase: str) -> Plan:
    rows = [_row(talk, actor, await talk.numbers.take_id(), ref, phase) for ref in media]
    plan = attach(talk.desk, case, actor, rows)
    plan.rows += rows
    return plan


def _row(talk: WorkerTalk, actor: Actor, row_id: int, ref: MediaRef, phase: str) -> Media:
    origin = {"door": talk.update.door.value, "url": ref.url, "aes_key": ref.aes_key, "name": ref.name}
    return fresh(
        Media,
        id=row_id,
        kind=ref.kind,
        origin=origin,
        by=actor.key,
        phase=phase,
        state=MediaState.WANTED,
        due_at=talk.desk.now,
        created_at=talk.desk.now,
    )
