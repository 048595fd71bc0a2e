"""Row ids for an import, drawn inside its own transaction."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.counters import draw_on


class ConnectionIds:
    """Ids from the counter `id`; when the import is rolled back, so is the counter, and nobody else saw them.

    A block drawn on a second connection would wait for ever on SQLite, which has one writer: the import itself.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, n: int) -> Sequence[int]:
        """The next `n` ids."""
        return await draw_on(self._connection, "id", n)
