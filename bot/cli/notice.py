"""`notice`: make a notice from a file."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.app import make_house, prepare_archive
from bot.cityhall import CityHall
from bot.cli.common import ConfigPath, JsonFlag, fail, finish, read_settings, run_async
from bot.clock import system_clock
from bot.notice_file import Made, NoticeFileError, NoticeMaker, read_notice_file
from bot.notice_pictures import NoticePictures
from bot.sealing import load_seal
from bot.settings import Settings
from storage.archive import open_archive
from storage.queries import Books


def notice(
    file: Annotated[Path, typer.Argument(help="通知文件（TOML），写法见 docs/notices.md", exists=True, dir_okay=False)],
    config: ConfigPath = None,
    as_json: JsonFlag = False,
) -> None:
    """用文件拟一件通知，照常送审；审批、发送、回执与在群里拟的一样。"""
    settings = read_settings(config)
    try:
        made = run_async(_make(settings, file))
    except NoticeFileError as fault:
        raise fail(str(fault)) from None
    finish(as_json, number=made.number, status=made.status, status_name=made.status_name, targets=made.targets)


async def _make(settings: Settings, file: Path) -> Made:
    await prepare_archive(settings)
    async with open_archive(settings.storage.url) as archive:
        books = Books(archive)
        zone = ZoneInfo(settings.server.timezone)
        hall = CityHall(books, settings.deadlines, zone, make_house(settings), system_clock)
        await hall.load()
        folder = Path(settings.storage.media_dir)
        seal = load_seal(folder, settings.fanout.picture_key.get_secret_value())
        pictures = NoticePictures(archive, folder, seal, system_clock)
        return await NoticeMaker(archive, books, pictures).make(hall.desk(), read_notice_file(file, hall.desk()))
