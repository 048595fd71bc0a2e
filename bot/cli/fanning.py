"""`bench fanout`: what the lab needs of the service for it, and how its figures are shown."""

import io
import time
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from PIL import Image, ImageDraw
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.cli.common import JsonFlag, errors, fail, finish, run_async
from bot.clock import system_clock
from bot.notice_pictures import NoticePictures
from bot.notice_pictures_clean import clean_picture
from bot.notice_pictures_marks import find_font, make_base, mark
from bot.sealing import load_seal
from lab.bench_fanout import GROUPS, bench_fanout
from lab.fanout_kill import KillFigures, kill_fanout
from lab.replay_service import ServiceFailed
from storage.archive import open_archive
from storage.plan import Plan

_SIZE = (1280, 960)


def make_picture(seed: int = 1) -> bytes:
    """A made photo of about the weight of a phone's picture as chats send it."""
    rng = Random(seed)
    picture = Image.effect_noise(_SIZE, 12).convert("RGB")
    draw = ImageDraw.Draw(picture, "RGBA")
    for _ in range(60):
        x, y, size = rng.randrange(_SIZE[0]), rng.randrange(_SIZE[1]), rng.randrange(40, 300)
        colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256), 150)
        draw.ellipse((x, y, x + size, y + size), fill=colour)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=80)
    return content.getvalue()


async def keep_picture(folder: Path, engine: AsyncEngine, notice_id: int, content: bytes) -> None:
    """Put a picture to a notice as the service does."""
    async with open_archive(engine.url.render_as_string(hide_password=False)) as archive:
        pictures = NoticePictures(archive, folder, load_seal(folder), system_clock)
        row = await pictures.keep(notice_id, content, 0, "system")
        await archive.committer.commit(Plan(rows=[row]))


def time_marks(content: bytes, number: int) -> float:
    """Milliseconds for one group's watermark, the base being prepared."""
    base = make_base(clean_picture(content), "城区派出所 通1123-01 2026-11-23", find_font())
    began = time.perf_counter()
    for one in range(number):
        mark(base, f"第{one}网格工作群 #{one}")
    return (time.perf_counter() - began) * 1000 / number


def fanout(
    groups: Annotated[int, typer.Option("--groups", min=2, help="群数")] = GROUPS,
    kill: Annotated[int, typer.Option("--kill", min=0, help="途中强行终止服务的次数（只核对，不比速度）")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="随机种子")] = 1,
    as_json: JsonFlag = False,
) -> None:
    """群发速度：一段文字加一张备好的照片，发到全部群，与只管发送的循环在同一次运行中比较；--kill 核对不丢不重。"""
    picture = make_picture(seed)
    try:
        with errors.status("正在准备…") as status:
            if kill:
                killed = run_async(kill_fanout(groups, kill, seed, picture, keep_picture, errors.print))
            else:
                figures = run_async(bench_fanout(groups, picture, keep_picture, time_marks, status.update))
    except ServiceFailed as failure:
        raise fail(f"没有完成：{failure}") from None
    if kill:
        _show_killed(killed, as_json)
    else:
        finish(as_json, **figures.facts())


def _show_killed(figures: KillFigures, as_json: bool) -> None:
    for key in figures.repeated_groups:
        # The key is the robot's secret, made for this run; its end tells two apart.
        errors.print(f"重复收到：群 …{key[-8:]}", markup=False)
    finish(as_json, **figures.facts())
    if not figures.is_good:
        raise typer.Exit(1)
