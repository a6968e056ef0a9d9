"""The values of a run's keys, by which limits hold for it: read once, when it starts."""

from collections.abc import Mapping
from typing import Any, Final

from runtime.codec.encoded import Encoded
from runtime.definitions.name_suggestion import suggest_name
from runtime.definitions.steps import BuiltWorkflow
from runtime.errors import DefinitionError

#: Characters of a value: it is part of the names of keys on the server, and shown to people.
MOST_CHARACTERS: Final = 200


def read_key_values(workflow: BuiltWorkflow, inputs: Mapping[str, str]) -> dict[str, str]:
    """The value of each key that a limit of the workflow's steps goes by, as text.

    Args:
        workflow: that a run is started of.
        inputs: of the run, JSON by name.

    Raises:
        DefinitionError: one is not there, or is neither a short text nor a whole number.
    """
    return {key: _read_value(workflow.name, key, inputs) for key in workflow.keys}


def require_input(workflow: BuiltWorkflow, key: str, what: str) -> None:
    """Checks that runs of a workflow have what a limit goes by.

    Args:
        workflow: with a step for which the limit holds.
        key: of the limit.
        what: the limit, for messages.

    Raises:
        DefinitionError: the workflow has no such input.
    """
    name = key.partition(".")[0]
    if name in workflow.inputs:
        return
    hint = suggest_name(name, workflow.inputs)
    has = f"its inputs are {', '.join(workflow.inputs)}" if workflow.inputs else "it has no inputs"
    raise DefinitionError(f"workflow {workflow.name} has no input {name!r}, by which {what} goes: {hint}{has}")


def _read_value(workflow: str, key: str, inputs: Mapping[str, str]) -> str:
    first, *fields = key.split(".")
    found: Any = Encoded.parse(inputs[first]).data
    for field in fields:
        if not isinstance(found, dict) or field not in found:
            raise _key_value_error(workflow, key, f"is not there: it has no {field!r}")
        found = found[field]
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str):
        raise _key_value_error(workflow, key, f"can't be {_describe_kind(found)}")
    if len(found) > MOST_CHARACTERS:
        raise _key_value_error(workflow, key, f"has {len(found)} characters")
    if not found or not found.isprintable():
        raise _key_value_error(workflow, key, "holds what can't be printed" if found else "is empty")
    return found


def _key_value_error(workflow: str, key: str, why: str) -> DefinitionError:
    return DefinitionError(
        f"{key!r} of a run of workflow {workflow}, by which its steps are limited, {why}: give a text of up to "
        f"{MOST_CHARACTERS} printable characters, or a whole number"
    )


def _describe_kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", float: "a number with a fraction"}
    return kinds.get(type(value), repr(value))
