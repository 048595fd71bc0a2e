"""Reading residents for delivery: look-ups that arrive together are one query."""

from collections.abc import Sequence

from sqlmodel import col, select

from storage.archive import Archive
from storage.loader import Loader
from storage.tables import Resident


class Residents:
    """Residents by openid, as they are now."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._loader: Loader[str, Resident] = Loader(self._read)

    async def find(self, openid: str) -> Resident | None:
        """The resident, None when the archive does not know him."""
        return await self._loader.load(openid)

    async def _read(self, openids: Sequence[str]) -> dict[str, Resident]:
        async with self._archive.reads() as session:
            rows = await session.execute(select(Resident).where(col(Resident.openid).in_(openids)))
            return {resident.openid: resident for resident in rows.scalars()}
