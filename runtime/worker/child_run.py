"""A step that is a workflow: the run that it starts, waits for, and takes its result from."""

from collections.abc import Mapping
from uuid import UUID

from runtime.causality import identity
from runtime.causality.trace_context import TraceContext
from runtime.codec.encoded import Encoded
from runtime.codec.lists import join_object
from runtime.definitions.key_values import read_key_values
from runtime.definitions.steps import BuiltWorkflow, run_part
from runtime.errors import SubWorkflowError
from runtime.runs import facts
from runtime.state.runs import Awaiting, NewRun, RunRecord
from runtime.state.tasks import Claim
from runtime.worker.work import Equipment

#: What is noted of a run that goes on, or is undone, because the one that waits for it does.
_OPERATOR = "the run that waits for it"


class ChildRun:
    """The run of a workflow that is a step of another.

    Args:
        equipment: of the worker.
        claim: of the step.
        node: the step's node.
        child: the workflow.
        what: the step, for messages.
    """

    def __init__(self, equipment: Equipment, claim: Claim, node: UUID, child: BuiltWorkflow, what: str) -> None:
        self._kit = equipment
        self._claim = claim
        self._node = node
        self._child = child
        self._what = what
        self.id = identity.run_id(node, child.name, 0)

    async def start_and_await(self, inputs: Mapping[str, str], span: TraceContext) -> Awaiting:
        """Starts the run if no attempt before has, and waits for its end.

        Args:
            inputs: JSON by name.
            span: of the attempt.
        """
        if run_part(self._claim.task.place) not in self._claim.parts:
            await self._start(inputs, span)
        if self._claim.run.resumed_ms is not None:  # also where it was over before anybody waited for it
            await self._resume(self._claim.run.resumed_ms)
        return await self._kit.ask_until_answered(lambda: self._kit.store.await_run(self._claim, self.id))

    async def read_result(self) -> Encoded:
        """What its last steps have yielded.

        Raises:
            SubWorkflowError: it has failed, or was cancelled.
        """
        record = await self._read_record()
        if record is None or record.status != "ok":
            raise SubWorkflowError(
                f"{self._what} is run {self.id} of workflow {self._child.name}, which {_describe_end(record)}"
            )
        texts = {name: await self._read_step_result(name) for name in self._child.sinks}
        return Encoded.parse(next(iter(texts.values()))) if len(texts) == 1 else join_object(texts)

    async def undo_and_await(self) -> Awaiting:
        """Undoes what the run has done, by the undos of its own steps, and waits for the end of that.

        Raises:
            SubWorkflowError: some of it could not be undone.
        """
        record = await self._read_record()
        if record is None:
            return "ended"
        if not record.is_over:
            await self._kit.ask_until_answered(lambda: self._kit.store.cancel(self.id, _OPERATOR))
        elif not record.is_undone or (record.undo_failed and self._was_ended_before_resume(record)):
            await self._kit.ask_until_answered(lambda: self._kit.store.undo(self.id, _OPERATOR))
        awaited = await self._kit.ask_until_answered(lambda: self._kit.store.await_run(self._claim, self.id))
        record = await self._read_record() if awaited == "ended" else None
        if record is not None and record.undo_failed:
            raise SubWorkflowError(
                f"run {self.id} of workflow {self._child.name} could not undo {', '.join(record.undo_failed)}: "
                f"{record.undo_error}"
            )
        return awaited

    async def _start(self, inputs: Mapping[str, str], span: TraceContext) -> None:
        parent = self._claim.run
        run = NewRun(
            id=self.id,
            workflow=self._child.name,
            inputs=inputs,
            needs=self._child.needs,
            correlation_id=parent.correlation_id,
            trace=facts.start_span(self.id, self._child.name, span, sampled=span.sampled),
            causation_id=self._node,
            causation_event=parent.causation_event,
            subject=parent.subject,
            version=parent.version,
            budget=parent.budget,
            shape=self._child.shape,
            shape_digest=self._child.shape_digest,
            deadline=self._child.deadline,
            by=read_key_values(self._child, inputs),
        )
        accepted = await self._kit.ask_until_answered(lambda: self._kit.store.start(run))
        self._kit.observer.emit(facts.build_run_started(run, span, accepted.at_ms))

    async def _resume(self, since_ms: int) -> None:
        """Has the run go on where it had failed before the one that waits for it was resumed."""
        record = await self._read_record()
        if record is not None and record.status == "failed" and (record.ended_ms or 0) <= since_ms:
            await self._kit.ask_until_answered(lambda: self._kit.store.resume(self.id, _OPERATOR))

    def _was_ended_before_resume(self, record: RunRecord) -> bool:
        """Whether it ended before the present life of the run that waits for it began: a person asks for more."""
        return (record.ended_ms or 0) <= (self._claim.run.resumed_ms or 0)

    async def _read_record(self) -> RunRecord | None:
        return await self._kit.ask_until_answered(lambda: self._kit.store.get(self.id))

    async def _read_step_result(self, step: str) -> str:
        text = await self._kit.ask_until_answered(lambda: self._kit.store.result(self.id, step))
        return "null" if text is None else text


def _describe_end(record: RunRecord | None) -> str:
    if record is None:
        return "is not there any more"
    if record.status == "cancelled":
        return "was cancelled"
    where = f" in step {record.failed_step!r}" if record.failed_step else ""  # its deadline is no step's
    return f"failed{where}: {record.error_type}: {record.error}"
