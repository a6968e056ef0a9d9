"""One claimed undo: takes back what a step has done, after its run failed or was cancelled."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from runtime.causality import identity
from runtime.causality.step_place import StepPlace
from runtime.causality.trace_context import TraceContext
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.context import Context
from runtime.definitions.steps import SKIPPED, BuiltWorkflow
from runtime.errors import DefinitionError
from runtime.semconv import SpanVerb, StepOutcome, span_name
from runtime.state.runs import EndedRun
from runtime.state.tasks import Claim, Commit
from runtime.worker.child_run import ChildRun
from runtime.worker.step_work import StepWork
from runtime.worker.work import Equipment, Finish, Settlement, settle_stale, settle_waiting


class UndoWork(StepWork):
    """Undoes one place of a step. An undo is deaf to what ended its run: it has attempts and a timeout of its own, as
    many and as long as the step has, and what it can't undo is left to a person, while the next one goes on."""

    def __init__(self, equipment: Equipment, workflow: BuiltWorkflow, claim: Claim) -> None:
        super().__init__(equipment, workflow, claim)
        place = self._place
        self._done = StepPlace(place.step, place.round, place.index)
        self._undoes = self._step_node = identity.step_id(claim.task.run, place.step, self._done.mark)
        made = claim.parts.get(place.word)
        self._undone = {place.step: Encoded.parse(made)} if made else {}

    def _describe_work(self) -> str:
        return f"undo of step {self._claim.task.step.removeprefix('~')!r}"

    @property
    def budget(self) -> UUID | None:
        return None  # what was done is taken back, whatever is spent

    @property
    def function(self) -> Callable[..., Any]:
        undo = self._built.step.undo
        if undo is None:
            raise DefinitionError(f"step {self._place.step!r} has no undo= any more: its code was changed")
        return undo

    def arguments(self, context: Context) -> Mapping[str, Any]:
        signature = self._built.undo
        if signature is None:
            return {}
        arguments = self._given.arguments(signature, self._undone)
        if signature.context is not None:
            arguments[signature.context] = context
        return arguments

    async def settlement_without_call(self, context: Context) -> Settlement | None:
        child = self._built.child
        if child is None:
            return None
        match await ChildRun(self._kit, self._claim, self._step_node, child, self.what).undo_and_await():
            case "waiting":
                return settle_waiting
            case "stale":
                return settle_stale
        return self._undo_settlement(Commit(SKIPPED))

    def success(self, value: Any, context: Context) -> Settlement:
        buffer = context.buffer
        result = encode(value, f"the result of the {self.what}")
        buffer.returned = result if self._built.step.record_values else None
        written, shared = dict(buffer.writes), dict(buffer.shared)
        return self._undo_settlement(
            Commit(result.text, events=tuple(buffer.events), writes=written, shared=shared), (*written, *shared)
        )

    def _undo_settlement(self, commit: Commit, keys_written: tuple[str, ...] = ()) -> Settlement:
        return self._commit_settlement(replace(commit, undo="undo"), Finish(StepOutcome.OK, None, keys_written))

    async def _give_up(self, error: BaseException) -> Finish:
        ended = await self._kit.store.fail_undo(self._claim, f"{type(error).__name__}: {self._error_words(error)}")
        self._emit_end(ended, None)
        return Finish(StepOutcome.FAILED if ended else StepOutcome.STALE, error)

    def _emit_end(self, ended: EndedRun | None, failed: tuple[str, str] | None) -> None:
        """The run ends as it would have ended: what it failed of is known."""
        if ended is not None and ended.ended_ms is not None:
            self._kit.ends.emit(replace(self._claim.run, status=self._claim.run.ending, ended_ms=ended.ended_ms))

    def _cause_ids(self) -> tuple[UUID, ...]:
        run, done = self._claim.run, self._step_node
        if not run.failed_step:
            return (done,)
        failed = StepPlace.parse(run.failed_step)
        return tuple(dict.fromkeys((done, identity.step_id(run.id, failed.step, failed.mark))))

    def _span(self, attempt: int) -> TraceContext:
        return self._run_span.child(self._node, span_name(SpanVerb.UNDO, self._built.step.name), attempt)

    @property
    def _keys_read(self) -> tuple[str, ...]:
        return self._built.undo.names if self._built.undo else ()
