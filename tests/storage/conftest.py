"""What storage tests share."""

import pytest

from storage import committer


@pytest.fixture
def single_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """The committer does not try anew: a deadlock, which a second try would hide, fails the test."""
    monkeypatch.setattr(committer, "_TRIES", 1)
