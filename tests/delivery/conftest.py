"""A desk: delivery with pretend channels on both engines."""

import pytest

from storage.archive import Archive
from storage.columns import Channel
from tests.clock import FakeClock
from tests.delivery.fakes import Desk


@pytest.fixture
async def desk(archive: Archive, clock: FakeClock) -> Desk:
    """Groups 1 and 2 on the bot, 3 on a webhook, 4 with no way to send."""
    desk = Desk(archive, clock)
    await desk.settle(a=(1, Channel.AIBOT), b=(2, Channel.AIBOT), c=(3, Channel.WEBHOOK), d=(4, Channel.NONE))
    return desk
