"""What commands read of the collector's answers is what the collector answers."""

from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from collector import models
from runtime.cli import collector_answers as shapes

#: The collector's model of each shape that is held against an answer; those within them follow.
ANSWERS: dict[Any, type[BaseModel]] = {
    shapes.Access: models.AccessAnswer,
    shapes.Advice: models.Advice,
    shapes.AlertList: models.AlertList,
    shapes.AuditPage: models.Page[models.AuditEntry],
    shapes.CausalGraph: models.CausalGraph,
    shapes.RunDetail: models.RunDetail,
    shapes.RunPage: models.RunPage,
    shapes.StepList: models.StepList,
    shapes.Topology: models.Topology,
    shapes.WaitList: models.WaitList,
}

Schema = dict[str, Any]


def resolved(schema: Schema, root: Schema) -> Schema:
    """A schema itself, where another stands for it."""
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def kinds(schema: Schema, root: Schema) -> dict[str, Schema]:
    """What JSON a schema lets through, by its type."""
    schema = resolved(schema, root)
    either = schema.get("anyOf", [schema])
    return {
        one.get("type", "string" if "enum" in one or "const" in one else "any"): one
        for one in (resolved(each, root) for each in either)
    }


def mismatches(sent: Schema, sent_root: Schema, read: Schema, read_root: Schema, at: str = "") -> list[str]:
    """Where what is sent would be refused."""
    wanted, found = kinds(read, read_root), []
    for kind, schema in kinds(sent, sent_root).items():
        asked = wanted.get(kind) or (wanted.get("number") if kind == "integer" else None) or wanted.get("any")
        if asked is None:
            found.append(f"{at or 'it'} may be {kind}")
        elif kind == "array" and "items" in asked:
            found += mismatches(schema["items"], sent_root, asked["items"], read_root, f"{at}[]")
        elif kind == "object" and "properties" in asked:
            for name, field in asked["properties"].items():
                if name not in schema.get("properties", {}):
                    found.append(f"{at}.{name} is not sent")
                else:
                    found += mismatches(schema["properties"][name], sent_root, field, read_root, f"{at}.{name}")
    return found


@pytest.mark.parametrize("shape", ANSWERS, ids=lambda shape: shape.__name__)
def test_no_answer_of_the_collector_is_refused(shape: Any) -> None:
    """Each field that commands read is sent, and is of no kind that they don't take."""
    sent = TypeAdapter(ANSWERS[shape]).json_schema(mode="serialization")
    read = TypeAdapter(shape).json_schema()
    assert mismatches(sent, sent, read, read) == []


def test_what_would_be_refused_is_found() -> None:
    """A field that may be null, one of another kind, one that is not there, and the same within a list."""

    class Sent(BaseModel):
        items: list[models.Window | None]
        n: int | None = None
        at: int = 0

    class Item(BaseModel):
        start: str

    class Read(BaseModel):
        items: list[Item]
        n: float
        at: str
        later: str

    sent, read = Sent.model_json_schema(mode="serialization"), Read.model_json_schema()
    assert mismatches(sent, sent, read, read) == [
        ".items[] may be null",
        ".n may be null",
        ".at may be integer",
        ".later is not sent",
    ]
