"""`[fanout]`: pictures at rest and on their way, how many targets are prepared at once, how mass messages are spent."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.sealing import parse_key


def _check_key(key: SecretStr) -> SecretStr:
    if key.get_secret_value():
        parse_key(key.get_secret_value())
    return key


class FanOutSettings(BaseModel):
    """How notices go out. `mass_ordinary`: mass messages of a month that ordinary notices may use; urgent ones may use all four."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    poll_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    chunk: Annotated[int, Field(ge=1, le=5000)] = 500
    watermark_per_group: bool = True
    font: str = ""
    picture_key: Annotated[SecretStr, AfterValidator(_check_key)] = SecretStr("")
    most_uploads: Annotated[int, Field(ge=1)] = 300
    mass: bool = True
    mass_ordinary: Annotated[int, Field(ge=0, le=4)] = 3
    mass_people: Annotated[int, Field(ge=2, le=10_000)] = 10_000
