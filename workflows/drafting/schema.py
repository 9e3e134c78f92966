"""The letter file as a JSON Schema (draft 2020-12), with the questions of each measure."""

from __future__ import annotations

import json
from typing import Any

from workflows.drafting.before import alternatives
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.measures import Measure, Question, measure_catalogue


def letter_schema() -> str:
    """Return the text of docs/letter.schema.json: the same for the same code and measures."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Letter of request (mla-letter/1)",
        **{key: value for key, value in LetterFile.model_json_schema(by_alias=True).items() if key != "title"},
    }
    item = schema["$defs"]["Item"]
    item["properties"]["measure"]["enum"] = list(measure_catalogue())
    item["allOf"] = [
        {
            "if": {"properties": {"measure": {"const": measure.slug}}, "required": ["measure"]},
            "then": {"properties": {"answers": _answers(measure)}},
        }
        for measure in measure_catalogue().values()
    ]
    schema["properties"]["before"]["propertyNames"] = {"enum": list(alternatives())}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _answers(measure: Measure) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {question.key: _answer(question) for question in measure.questions},
    }


def _answer(question: Question) -> dict[str, Any]:
    shape: dict[str, Any]
    values = [choice.value for choice in question.choices]
    match question.kind:
        case "line" | "text":
            shape = {"type": "string", "maxLength": question.max_length}
        case "choice":
            shape = {"enum": values}
        case "choices":
            shape = {"type": "array", "items": {"enum": values}}
        case "yes_no":
            shape = {"type": "boolean"}
        case "date":
            shape = {"type": "string", "format": "date"}
        case "instant":
            shape = {"type": "string", "format": "date-time"}
        case "period":
            shape = {"$ref": "#/$defs/Period"}
        case "number":
            shape = {"type": ["integer", "string"]}
    return shape | {"description": question.label}
