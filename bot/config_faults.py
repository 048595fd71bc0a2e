"""Pydantic's findings as Chinese sentences, each with the key's path, never with the value."""

import difflib
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

# By pydantic's error type; `{x}` are its own context. https://docs.pydantic.dev/latest/errors/validation_errors/
_SENTENCES: Mapping[str, str] = {
    "missing": "必须填写。",
    "string_type": "应为文字，请加引号。",
    "string_too_short": "不能为空。",
    "too_short": "不能为空。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "int_from_float": "应为整数。",
    "float_type": "应为数字。",
    "float_parsing": "应为数字。",
    "finite_number": "应为有限的数字。",
    "bool_type": "应为 true 或 false。",
    "bool_parsing": "应为 true 或 false。",
    "greater_than": "应大于 {gt:g}。",
    "greater_than_equal": "应不小于 {ge:g}。",
    "less_than": "应小于 {lt:g}。",
    "less_than_equal": "应不大于 {le:g}。",
    "dict_type": "应为一个表。",
    "model_type": "应为一个表（另起一节）。",
    "model_attributes_type": "应为一个表（另起一节）。",
    "tuple_type": "应为列表。",
}


def list_faults(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """Every finding as a sentence, in the order of the file's sections."""
    return [
        sentence
        for found in error.errors(include_url=False, include_input=False)
        for sentence in _sentences(found, root)
    ]


def _sentences(found: Any, root: type[BaseModel]) -> list[str]:
    path = [str(step) for step in found["loc"]]
    context = found.get("ctx", {})
    match found["type"]:
        case "extra_forbidden":
            texts = [f"没有这个配置项{_suggest(path, root)}"]
        case "enum":
            choices = context["expected"].replace(" or ", "、").replace(", ", "、").replace("'", "")
            texts = [f"应为以下之一：{choices}。"]
        case "value_error":
            texts = str(context["error"]).split("\n")
        case kind:
            texts = [_SENTENCES.get(kind, "填写有误。").format(**context)]
    # The deadlines' own faults already begin with their key.
    return [text if text.startswith("[") else f"{_render_path(path)}：{text}" for text in texts]


def _render_path(path: list[str]) -> str:
    section, *rest = path
    return f"[{section}] {'.'.join(rest)}" if rest else f"[{section}]"


def _suggest(path: list[str], root: type[BaseModel]) -> str:
    model = _find_model(path[:-1], root)
    near = difflib.get_close_matches(path[-1], list(model.model_fields), n=1) if model else []
    return f"，是否想写 {near[0]}？" if near else "。"


def _find_model(path: list[str], model: type[BaseModel]) -> type[BaseModel] | None:
    for step in path:
        if step.isdigit():
            continue
        field = model.model_fields.get(step)
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            return None
        model = inner
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The settings class inside `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
