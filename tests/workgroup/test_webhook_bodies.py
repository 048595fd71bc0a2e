"""Pictures ready to post: encoded once for many groups, never mixed up, and forgotten on demand."""

import base64
import json

import pytest

from bot.ports import Picture
from bot.workgroup.layout import PictureUnfit
from bot.workgroup.webhook_bodies import ReadyBodies


def make_picture(content: bytes) -> Picture:
    return Picture("1.jpg", "image/jpeg", content)


def test_the_same_picture_is_encoded_once_and_another_never_taken_for_it() -> None:
    bodies, one, twin = ReadyBodies(), make_picture(b"one"), make_picture(b"two")
    assert bodies.make(one) is bodies.make(one)
    for picture in (one, twin, one):
        assert base64.b64decode(json.loads(bodies.make(picture))["image"]["base64"]) == picture.content


def test_only_a_few_are_kept() -> None:
    bodies, one = ReadyBodies(kept=2), make_picture(b"one")
    first = bodies.make(one)
    others = [make_picture(b"%d" % number) for number in range(2)]
    for other in others:
        bodies.make(other)
    assert bodies.make(one) is not first


def test_nothing_is_kept_of_what_was_erased() -> None:
    bodies, one = ReadyBodies(), make_picture(b"one")
    first = bodies.make(one)
    bodies.forget()
    assert bodies.make(one) is not first


@pytest.mark.parametrize("content", [b"", bytes((2 << 20) + 1)])
def test_what_a_webhook_does_not_take_is_refused(content: bytes) -> None:
    with pytest.raises(PictureUnfit):
        ReadyBodies().make(make_picture(content))
