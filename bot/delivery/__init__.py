"""Delivery: the outbox goes out. `worker` is the door to this room; the rest are its parts."""
