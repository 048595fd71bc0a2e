"""Tags of followers: one per grid lets a mass message target it.

Source: developers.weixin.qq.com/doc/service/api/usermanage
"""

from dataclasses import dataclass, field

from sandbox.errors import Refused
from sandbox.fields import Json
from sandbox.residents import Resident

MAX_TAGS, MAX_NAME_BYTES, MAX_PER_PERSON, MAX_BATCH = 100, 30, 20, 50
MAX_FANS_TO_DELETE = 100_000
FIRST_ID = 100


@dataclass(slots=True)
class Tag:
    """One tag and who has it."""

    tag_id: int
    name: str
    members: dict[str, None] = field(default_factory=dict)

    def as_json(self) -> Json:
        """As `tags/get` lists it."""
        return {"id": self.tag_id, "name": self.name, "count": len(self.members)}


class TagShelf:
    """All tags. Ids 0–2 belong to the platform (45058)."""

    def __init__(self) -> None:
        self.tags: dict[int, Tag] = {}
        self._next_id = FIRST_ID

    def _check_name(self, name: str, own_id: int | None = None) -> None:
        if not name:
            raise Refused(45157)
        if len(name) > MAX_NAME_BYTES:
            raise Refused(45158)
        if any(tag.name == name and tag.tag_id != own_id for tag in self.tags.values()):
            raise Refused(45157, "name exists")

    def get(self, tag_id: int) -> Tag:
        """The tag. Raises Refused 45058 (the platform's own), 45159 (unknown)."""
        if 0 <= tag_id <= 2:
            raise Refused(45058)
        if tag_id not in self.tags:
            raise Refused(45159)
        return self.tags[tag_id]

    def create(self, name: str) -> Tag:
        """A new tag. Raises Refused 45056, 45157, 45158."""
        self._check_name(name)
        if len(self.tags) >= MAX_TAGS:
            raise Refused(45056)
        tag = self.tags[self._next_id] = Tag(self._next_id, name)
        self._next_id += 1
        return tag

    def rename(self, tag_id: int, name: str) -> None:
        """Raises Refused 45058, 45157, 45158, 45159."""
        tag = self.get(tag_id)
        self._check_name(name, tag_id)
        tag.name = name

    def delete(self, tag_id: int, residents: list[Resident]) -> None:
        """Removes a tag and takes it off its `residents`. Raises Refused 45057, 45058, 45159."""
        tag = self.get(tag_id)
        if len(tag.members) > MAX_FANS_TO_DELETE:
            raise Refused(45057)
        for resident in residents:
            resident.tags.discard(tag_id)
        del self.tags[tag_id]

    def put_on(self, tag_id: int, residents: list[Resident]) -> None:
        """Tags them all or none. Raises Refused 45059 (20 tags each), 45159."""
        tag = self.get(tag_id)
        if any(len(resident.tags | {tag_id}) > MAX_PER_PERSON for resident in residents):
            raise Refused(45059)
        for resident in residents:
            resident.tags.add(tag_id)
            tag.members[resident.openid] = None

    def take_off(self, tag_id: int, residents: list[Resident]) -> None:
        """Raises Refused 45159."""
        tag = self.get(tag_id)
        for resident in residents:
            resident.tags.discard(tag_id)
            tag.members.pop(resident.openid, None)
