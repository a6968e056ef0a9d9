"""The inputs of a run, from what somebody gives."""

from collections.abc import Mapping
from typing import Any

from runtime.codec.encode import encode
from runtime.definitions.key_rules import MOST_BYTES, KeyRules
from runtime.definitions.steps import BuiltWorkflow
from runtime.errors import DefinitionError


def encode_inputs(workflow: BuiltWorkflow, given: Mapping[str, Any], most_bytes: int = MOST_BYTES) -> dict[str, str]:
    """All inputs of a workflow as JSON, by name.

    Args:
        workflow: the one that is started.
        given: its inputs, by name.
        most_bytes: that one of them takes at most.

    Raises:
        DefinitionError: inputs are missing or unknown.
        UndecodableError: one does not fit its type.
        UnencodableError: one can't travel.
        KeyTooLargeError: one is larger than a key may be.
    """
    missing, unknown = set(workflow.inputs) - set(given), set(given) - set(workflow.inputs)
    left_out = {name for name in missing if workflow.can_be_left_out(name)}
    wrong = [f"missing: {', '.join(sorted(missing - left_out))}"] if missing - left_out else []
    wrong += [f"unknown: {', '.join(sorted(unknown))}"] if unknown else []
    if wrong:
        takes = ", ".join(workflow.inputs) or "no inputs"
        raise DefinitionError(f"workflow {workflow.name} takes {takes}; {'; '.join(wrong)}")
    inputs = {name: _encode_input(workflow, name, given.get(name)) for name in workflow.inputs}
    rules = KeyRules(f"a run of workflow {workflow.name}", most_bytes=most_bytes)
    for name, text in inputs.items():
        rules.check_size(name, text)
    return inputs


def _encode_input(workflow: BuiltWorkflow, name: str, value: Any) -> str:
    what = f"input {name!r} of workflow {workflow.name}"
    return encode(workflow.inputs[name].accept(value, "the value given"), what).text
