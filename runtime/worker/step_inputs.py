"""What a claimed step is given: inputs, results and items, from the claim. Pure."""

from collections.abc import Mapping
from typing import Any

from runtime.causality.step_place import StepPlace
from runtime.codec.encoded import Encoded
from runtime.definitions.signature import Parameter, Signature
from runtime.definitions.steps import BuiltStep, BuiltWorkflow
from runtime.errors import UndecodableError
from runtime.state.tasks import Claim


class StepInputs:
    """Reads what one claim gives its step.

    Args:
        workflow: the one that the step is of.
        built: the step.
        claim: of the step.
        place: where the claim's task stands.
        what: the step, for messages.
    """

    def __init__(self, workflow: BuiltWorkflow, built: BuiltStep, claim: Claim, place: StepPlace, what: str) -> None:
        self._workflow = workflow
        self._built = built
        self._claim = claim
        self._place = place
        self._what = what
        self._item = built.fan_out.item if built.fan_out and place.index is not None else ""
        self._item_word = StepPlace(place.step, place.round, place.index).word if self._item else ""

    def arguments(self, signature: Signature, made: Mapping[str, Encoded] | None = None) -> dict[str, Any]:
        """Values for the parameters of the step, or of one of its conditions, by name.

        Args:
            signature: of what is called.
            made: results that are not stored yet, by the name of their step.

        Raises:
            UndecodableError: a value is not there, or does not fit its parameter.
        """
        made = made or {}
        return {one.name: self._argument(one, made) for one in signature.parameters if self._is_given(one, made)}

    def find_value(self, name: str) -> Encoded | None:
        """An input or a result; None where there is none."""
        text = self._text(name, is_item=False)
        return Encoded.parse(text) if text else None

    def sizes(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Bytes that values take in the step's context; 0 for those that are not there, or that can't be read."""
        return tuple(self._size(name) for name in names)

    def reportable_values(self, names: tuple[str, ...]) -> dict[str, Encoded | None]:
        """What telemetry may tell of values: None for one whose step has that kept out."""
        return {name: self._reportable_value(name) for name in names if self._text(name)}

    def _reportable_value(self, name: str) -> Encoded | None:
        source = self._built.fan_out.over if self._item == name and self._built.fan_out else name
        step = self._workflow.steps.get(source)
        is_told = source in self._workflow.inputs or step is None or step.step.record_values
        return Encoded.parse(self._text(name) or "") if is_told else None

    def _size(self, name: str) -> int:
        text = self._text(name)
        try:
            return Encoded.parse(text).size if text else 0
        except UndecodableError:
            return 0

    def _is_given(self, parameter: Parameter, made: Mapping[str, Encoded]) -> bool:
        return parameter.name in made or bool(self._text(parameter.name)) or not parameter.is_optional

    def _text(self, name: str, *, is_item: bool = True) -> str | None:
        claim = self._claim
        if is_item and self._item and name == self._item:
            return claim.parts.get(self._item_word)
        return (claim.run.inputs if name in self._workflow.inputs else claim.results).get(name)

    def _argument(self, parameter: Parameter, made: Mapping[str, Encoded]) -> Any:
        name = parameter.name
        if name in made:
            return parameter.codec.decode(made[name], f"the result of step {name!r}")
        text = self._text(name)
        if text:
            return parameter.codec.decode(Encoded.parse(text), self._describe_source(name))
        if name in self._built.previous or self._place.is_undo:  # the first round; or nobody knows what was done
            return None
        raise UndecodableError(
            f"run {self._claim.task.run} has no {name!r}, which {self._what} asks for: it began before that was "
            f"part of {self._workflow.name}"
        )

    def _describe_source(self, name: str) -> str:
        if self._item == name:
            return f"the item [{self._place.index}]"
        return f"input {name!r}" if name in self._workflow.inputs else f"the result of step {name!r}"
