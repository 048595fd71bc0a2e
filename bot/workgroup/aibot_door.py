"""The AI bot's door, put together: line, channel, intake and holder that know each other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.lease import Lease
from bot.workgroup.aibot_connection import AibotConnection, LineState
from bot.workgroup.aibot_holder import AibotHolder
from bot.workgroup.aibot_intake import AibotIntake, Unanswered
from bot.workgroup.aibot_transport import AibotTransport
from bot.workgroup.frames import Frame
from bot.workgroup.pace import Pace
from bot.workgroup.sink import UpdateSink


@dataclass(frozen=True, slots=True)
class AibotDoor:
    """`transport` raises `Unreachable` unless this process is the holder and online.

    Run `holder.run()` as a task; end it by `holder.stop()`, or by cancelling it.
    """

    connection: AibotConnection
    transport: AibotTransport
    intake: AibotIntake
    holder: AibotHolder


def make_aibot_door(
    session: aiohttp.ClientSession,
    lease: Lease,
    sink: UpdateSink,
    *,
    ws_url: str,
    bot_id: str,
    secret: str,
    bot_name: str,
    now: Callable[[], datetime],
    pace: Pace | None = None,
    on_state: Callable[[LineState], None] | None = None,
    on_unanswered: Unanswered | None = None,
) -> AibotDoor:
    """A door that is still closed. `now` (aware) stands in where an update tells no time; `pace` is the wire's own, real unless given."""

    def on_frame(frame: Frame) -> None:
        # The connection is made first and the intake last; each needs the other.
        intake.take(frame)

    connection = AibotConnection(session, ws_url, bot_id, secret, on_frame, pace=pace, on_state=on_state)
    transport = AibotTransport(connection, pace)
    intake = AibotIntake(sink, transport, bot_id=bot_id, bot_name=bot_name, now=now, on_unanswered=on_unanswered)
    return AibotDoor(connection, transport, intake, AibotHolder(lease, connection, intake, pace=pace))
