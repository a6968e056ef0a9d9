"""Runs one attempt at a step or a delivery, from its begin to its settlement. One table of contents for both."""

import asyncio
import logging
from dataclasses import replace
from uuid import UUID

from runtime.budgets.account import BudgetVerdict
from runtime.causality.error_info import ErrorInfo
from runtime.definitions.buffer import Buffer
from runtime.definitions.calls import Suspended
from runtime.definitions.context import Context, Rest
from runtime.errors import CommandRefusedError, ServerError, UnencodableError
from runtime.facts import AttemptEnded, OpenAttempt
from runtime.worker.call import LAST_GRACE, UserCode, call_user_code
from runtime.worker.guard import Guard
from runtime.worker.heartbeat import HeldWork
from runtime.worker.spending import ask_again_delay_ms, budget_cancelled_error, hasten_freed
from runtime.worker.work import Equipment, Finish, Settlement, Work, settle_waiting

_log = logging.getLogger("causeline.worker")


class AttemptRunner:
    """Runs attempts with the equipment of one worker, or cell."""

    def __init__(self, equipment: Equipment) -> None:
        self._kit = equipment

    async def run(self, work: Work, rest: Rest) -> None:
        """One attempt. A server that is away is waited for; nothing but a stop of the worker or a fault of our own
        raises.

        Args:
            work: claimed, or held.
            rest: entered while the user's code waits for other work.
        """
        with self._kit.heartbeat.hold(work.leased_item, work.agent) as held:
            breaker = work.breaker
            guard = None if breaker is None else Guard(self._kit, breaker, work.parked_work)
            try:
                await self._admit_and_run(work, held, rest, guard)
            except asyncio.CancelledError:
                await self._release(work)
                raise
            finally:
                if guard is not None:
                    await guard.give_back_permit()

    async def _admit_and_run(self, work: Work, held: HeldWork, rest: Rest, guard: Guard | None) -> None:
        if guard is not None and await self._is_put_off(work, guard):
            return
        budget = work.budget
        verdict = None if budget is None else await self._ask_admission(work, budget)
        if verdict is not None and verdict.status == "spent":
            await self._kit.ask_until_answered(lambda: work.postpone(ask_again_delay_ms()))
            await hasten_freed(self._kit, verdict, work.parked_work)
            return
        has_begun = await self._kit.ask_until_answered(work.begin)
        self._emit_lost(work)
        if not has_begun:
            return
        if verdict is not None and verdict.status == "cancelled":
            await self._kit.ask_until_answered(work.failure(budget_cancelled_error(verdict), 0.0))
            return
        try:
            await self._run_attempt(work, held, rest, guard)
        except CommandRefusedError:
            raise  # its end can't be written down
        except Exception as fault:  # noqa: BLE001 - of our own, or of an observer's
            # It must end somewhere: left to its lease, it would come again for ever.
            _log.exception("%s met a fault that is not its own; its attempt has failed", work.what)
            failure = work.failure(fault, 0.0)
            await self._kit.ask_until_answered(failure)

    async def _ask_admission(self, work: Work, budget: UUID) -> BudgetVerdict:
        return await self._kit.ask_until_answered(lambda: self._kit.accounts.admit(budget, work.parked_work))

    async def _is_put_off(self, work: Work, guard: Guard) -> bool:
        wait_ms = await guard.request_permit()
        if wait_ms:
            await self._kit.ask_until_answered(lambda: work.postpone(wait_ms))
            await guard.hasten_called()
        return bool(wait_ms)

    async def _run_attempt(self, work: Work, held: HeldWork, rest: Rest, guard: Guard | None) -> None:
        begun = work.build_begun_fact()
        if guard is not None and guard.deferred is not None:
            begun = replace(begun, deferred=guard.deferred)
        finish, buffer = work.cancelled_finish(), None
        attempt = held.attempt = self._kit.observer.open(begun)
        try:
            context = work.context(rest, attempt)
            buffer = context.buffer
            finish = await self._settle(work, await self._run_code(work, attempt, context, guard))
        except asyncio.CancelledError:
            if buffer is not None:
                await buffer.paying.wait_until_ended(LAST_GRACE)  # while the step is still this attempt's
            raise
        finally:
            if buffer is None:
                buffer = Buffer()
            buffer.closed = True
            attempt.end(self._build_ended_fact(finish, buffer))
            await work.release_resources()
        await self._follow_up(work, finish)

    async def _run_code(self, work: Work, attempt: OpenAttempt, context: Context, guard: Guard | None) -> Settlement:
        """Calls the user's code; what there is to be written down about it."""
        began = self._kit.clock.monotonic()
        try:
            uncalled = await work.settlement_without_call(context)
            if uncalled is not None:
                return uncalled
            arguments = work.arguments(context)
        except Exception as error:  # noqa: BLE001 - a value that does not fit, or whatever the user's condition raises
            return work.failure(error, 0.0)  # says nothing about what the breaker guards: nothing was called
        timeout = work.timeout if guard is None else guard.limit_timeout(work.timeout)
        outcome = await call_user_code(UserCode(work.function, arguments, work.what, timeout), attempt, context)
        took = self._kit.clock.monotonic() - began
        await context.buffer.paying.wait_until_ended(
            timeout
        )  # whatever has become of the code: what is paid for is kept
        if context.buffer.chunks:
            await context.drain()  # once the attempt has ended, nothing is taken any more
        if isinstance(outcome.error, Suspended):
            return settle_waiting
        is_spared = guard is not None and await guard.record_outcome(outcome.error, took, work.retry)
        if outcome.error is not None:
            return work.failure(outcome.error, took, is_spared=is_spared)
        try:
            return work.success(outcome.value, context)
        except BaseException as error:  # noqa: BLE001 - it can't travel, or the user's own code within it fails
            return work.failure(error, took)

    async def _settle(self, work: Work, settlement: Settlement) -> Finish:
        try:
            return await self._kit.ask_until_answered(settlement)
        except CommandRefusedError as error:
            # What the server won't take now it will not take next time.
            hopeless = UnencodableError(f"what {work.what} returned or asked for can't be stored: {error}")
            failure = work.failure(hopeless, 0.0)
            return await self._kit.ask_until_answered(failure)

    async def _follow_up(self, work: Work, finish: Finish) -> None:
        if finish.follow is None:
            return
        try:
            await finish.follow()
        except ServerError as error:
            _log.debug("what follows from %s is left to whoever tidies up: %s", work.what, error)

    async def _release(self, work: Work) -> None:
        try:
            await work.release()
        except ServerError as error:
            _log.warning("%s was cut off and can't be given back: its lease has to end first: %s", work.what, error)

    def _emit_lost(self, work: Work) -> None:
        lost = work.find_lost_attempt()
        if lost is not None:
            self._kit.observer.open(lost.begun).end(lost.ended)

    def _build_ended_fact(self, finish: Finish, buffer: Buffer) -> AttemptEnded:
        return AttemptEnded(
            outcome=finish.outcome,
            ended_ns=self._kit.clock.now_ns(),
            keys_read=tuple(buffer.reads),
            key_sizes=tuple(buffer.reads.values()),
            keys_written=finish.keys_written,
            keys_unused=finish.keys_unused,
            inbox=finish.inbox,
            beside=finish.beside,
            scores=tuple(buffer.scores),
            waits=tuple(buffer.waits),
            chunks=buffer.chunks,
            chunks_lost=buffer.chunks_lost,
            error=ErrorInfo.of(finish.error, self._kit.redactor.text) if finish.error else None,
            result=buffer.returned,
        )
