"""What delivery counts. Labels are few and fixed: never a person, a group or a case."""

from prometheus_client import CollectorRegistry, Counter, Histogram

_WAITS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200)


class DeliveryMetrics:
    """Counters on `registry`, all beginning with `wangge_outbox_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.sent = Counter("wangge_outbox_sent", "Messages that a channel took.", ["via"], registry=registry)
        self.refused = Counter(
            "wangge_outbox_refused",
            "Tries that failed, by errcode or kind of failure.",
            ["via", "why"],
            registry=registry,
        )
        self.parked = Counter("wangge_outbox_parked", "Messages that wait until the person writes.", registry=registry)
        self.dead = Counter("wangge_outbox_dead", "Messages given up.", registry=registry)
        self.unheard = Counter(
            "wangge_outbox_unheard", "Troubles that no duty group could be told of.", registry=registry
        )
        self.waited = Histogram(
            "wangge_outbox_waited_seconds",
            "From when a message was due to when it was taken.",
            buckets=_WAITS,
            registry=registry,
        )
