"""What must be remembered of sendings that the platform de-duplicates or counts: templates and mass messages."""

from dataclasses import dataclass

from sandbox.clock import DAY_SECONDS, MINUTE_SECONDS, SandboxClock, china_day
from sandbox.errors import Refused
from sandbox.limits import DailyCount, SlidingWindow

TEMPLATE_DEDUPE_SECONDS = 600.0
MASS_CALLS_PER_DAY = 100
MASS_CALLS_PER_MINUTE = 60


@dataclass(slots=True)
class MassJob:
    """One mass message: its id, kind and outcome as `mass/get` tells it."""

    msg_id: int
    msgtype: str
    status: str
    sent: int
    failed: int


class Sendings:
    """De-duplication keys with their ages, mass jobs, and the quotas of mass calls."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._templates: dict[tuple[str, str], tuple[int, float]] = {}
        self._mass_keys: dict[str, tuple[int, float]] = {}
        self.jobs: dict[int, MassJob] = {}
        self.template_ids: set[str] = set()
        """Templates of the account; empty means that any id is accepted."""
        self._mass_day = DailyCount(MASS_CALLS_PER_DAY)
        self._mass_minute = SlidingWindow(MASS_CALLS_PER_MINUTE, MINUTE_SECONDS)
        self.previews = DailyCount(100)
        self.quota_clears = DailyCount(10)
        self.mass_status = "send success"
        """What MASSSENDJOBFINISH will say; a test may set `err(40001)` and the like."""

    def seen_template(self, openid: str, client_msg_id: str) -> int | None:
        """The message id of an equal sending within the last ten minutes, or None."""
        msgid, at = self._templates.get((openid, client_msg_id), (0, -1e18))
        return msgid if client_msg_id and self._clock.now() - at < TEMPLATE_DEDUPE_SECONDS else None

    def note_template(self, openid: str, client_msg_id: str, msgid: int) -> None:
        """Remembers a sending under its client id, if it has one."""
        if client_msg_id:
            self._templates[(openid, client_msg_id)] = (msgid, self._clock.now())

    def take_mass_call(self) -> None:
        """Spends one mass call. Raises Refused 45011 (minute), 45028 (day)."""
        now = self._clock.now()
        if not self._mass_minute.take(now):
            raise Refused(45011)
        if not self._mass_day.take(china_day(now)):
            raise Refused(45028)

    def check_mass_key(self, key: str) -> None:
        """Raises Refused 45065, which carries the msg_id of the equal sending within the last 24 hours."""
        msg_id, at = self._mass_keys.get(key, (0, -1e18))
        age_seconds = self._clock.now() - at
        if age_seconds < DAY_SECONDS:
            raise Refused(45065, msg_id=msg_id)

    def note_mass(self, key: str, job: MassJob) -> None:
        """Remembers a mass message under its client id."""
        self._mass_keys[key] = (job.msg_id, self._clock.now())
        self.jobs[job.msg_id] = job
