"""`[checks]`: what a second person looks at, what needs a superior's word, and how long calls and call-backs may take."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from grid.checks import ALWAYS, EVERY, NEVER, Checks, Poor
from grid.limits import parse_limit
from nlp.reading import Category

_SHARE = re.compile(r"(\d{1,3})\s*[%％]")


def parse_share(word: str) -> int:
    """`always` → 100, `never` → 0, `10%` → 10. Raises `ValueError` with a Chinese sentence."""
    fixed = {"always": ALWAYS, "never": NEVER}.get(word)
    found = _SHARE.fullmatch(word)
    share = fixed if fixed is not None else int(found[1]) if found else -1
    if not NEVER <= share <= ALWAYS:
        raise ValueError('应为 "always"、"never" 或 "10%" 这样的比例（0% 到 100%）。')
    return share


def _check_share(word: str) -> str:
    if word:
        parse_share(word)
    return word


def _check_limit(word: str) -> str:
    if word:
        parse_limit(word)
    return word


def _check_needed(word: str) -> str:
    parse_limit(word)
    return word


Share = Annotated[str, AfterValidator(_check_share)]
Limit = Annotated[str, AfterValidator(_check_limit)]
NeededLimit = Annotated[str, AfterValidator(_check_needed)]


class ChecksSettings(BaseModel):
    """A category's key says how many of its cases are checked; empty: as `all` says. Limits as in `[deadlines]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    all: Share = "never"
    party_building: Share = ""
    dispute: Share = ""
    livelihood: Share = ""
    public_security: Share = ""
    urban_property: Share = ""
    law_enforcement: Share = ""
    extension_without_approval: Limit = ""
    poor: Poor = Poor.CALL_BACK
    callback_within: NeededLimit = "2wd"
    arrive_normal: NeededLimit = "2wh"
    arrive_urgent: NeededLimit = "30m"

    def make_checks(self) -> Checks:
        """The law's own form of it."""
        named = {key: getattr(self, key) for key in (EVERY, *(category.value for category in Category))}
        return Checks(
            shares={key: parse_share(word) for key, word in named.items() if word},
            extension_without_approval=self.extension_without_approval,
            poor=self.poor,
            callback_within=self.callback_within,
            arrive_normal=self.arrive_normal,
            arrive_urgent=self.arrive_urgent,
        )
