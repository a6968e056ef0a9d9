"""Makes the recorded calls of one attempt at a step: each result is written down as it comes, and found by the next."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from runtime.budgets.usage import Usage
from runtime.causality.error_info import ErrorInfo
from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.definitions.buffer import Buffer
from runtime.definitions.calls import CallOptions, Suspended, current_call
from runtime.errors import DefinitionError
from runtime.facts import CallBegun, CallEnded, CallUsage, OpenAttempt, OpenCall
from runtime.resilience.retry import Retry
from runtime.state.tasks import Claim
from runtime.worker.call import AttemptTimeoutError
from runtime.worker.call_records import Call, CallRecords
from runtime.worker.functions import call_function, name_arguments, return_type_of
from runtime.worker.guard import Guard, call_guarded
from runtime.worker.lease_check import require_held
from runtime.worker.spending import Spending
from runtime.worker.work import Equipment

_log = logging.getLogger("causeline.worker")

#: A call without a retry of its own is tried once: what fails then is the step's to try again.
_ONCE: Final = Retry(attempts=1)


class RecordedCalls:
    """A `runtime.definitions.calls.Calls`.

    Args:
        equipment: of the worker.
        claim: of the step.
        what: the step, for messages.
        attempt: under observation.
        buffer: of the attempt, which waits for what is being recorded.
        spending: asks the budgets over it.
        is_told: whether telemetry may carry what calls are given and return.
        guarded_by: the breaker of the step, which its calls need not ask again: they would wait for their own probe.
    """

    def __init__(
        self,
        equipment: Equipment,
        claim: Claim,
        what: str,
        attempt: OpenAttempt,
        buffer: Buffer,
        spending: Spending,
        *,
        is_told: bool,
        guarded_by: str = "",
    ) -> None:
        self._kit = equipment
        self._claim = claim
        self._what = what
        self._attempt = attempt
        self._spending = spending
        self._is_told = is_told
        self._guarded_by = guarded_by
        self._records = CallRecords(equipment, claim, what, buffer.paying)
        self._paying = buffer.paying
        self._made: set[str] = set()

    async def once(
        self,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        how: CallOptions,
    ) -> Any:
        """See `runtime.definitions.context.Context.once`."""
        call = self._build_call(name, function, args, kwargs, how)
        told = call.given if self._is_told else {}
        observed = self._attempt.call(CallBegun(name=name, key=how.key, arguments=told, at_ns=self._kit.clock.now_ns()))
        result: Encoded | None = None
        try:
            result = await self._find_or_make_result(call, observed)
            value = call.codec.decode(result)
        except BaseException as error:
            self._made.discard(call.member)  # it may be made again
            self._records.mark_doubtful(call)
            self._end_observation(observed, call, result, error)
            raise
        self._end_observation(observed, call, result, None)
        return value

    def _build_call(
        self,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        how: CallOptions,
    ) -> Call:
        member = f"{name}|{how.key}" if how.key else name
        what = f"call {name!r} of {self._what}" + (f" (key {how.key!r})" if how.key else "")
        if member in self._made:
            raise DefinitionError(f"{what} is made twice: tell its calls apart by key=, as their order may change")
        given = {
            key: encode(value, f"{key} of {what}") for key, value in name_arguments(function, args, kwargs).items()
        }
        codec = Codec(return_type_of(function) if how.into is None else how.into, f"the result of {what}")
        self._made.add(member)
        return Call(what, member, partial(function, *args, **kwargs), given, codec, how)

    async def _find_or_make_result(self, call: Call, observed: OpenCall) -> Encoded:
        record = await self._records.find(call)
        if record is None:
            record = await asyncio.shield(await self._try_with_retries(call, observed))
        return record

    async def _try_with_retries(self, call: Call, observed: OpenCall) -> "asyncio.Task[Encoded]":
        """Calls the function until it returns, or is not to be tried again; what writes down that it has returned."""
        retry = call.how.retry or _ONCE
        began = self._kit.clock.monotonic()
        while True:
            await require_held(self._kit, self._claim, self._what)  # what is paid can't be taken back
            guard = await self._open_guard(call)
            this = call.tries + 1
            reserved = await self._reserve(call, this, guard)
            await require_held(self._kit, self._claim, self._what)  # it may have been frozen while it was asking
            call.tries = this
            try:
                async with self._paying.calling():
                    made = partial(self._try_once, call, observed, guard, reserved)
                    return await call_guarded(guard, retry, made, self._kit.clock)
            except Exception as error:
                if guard is not None:
                    await guard.give_back_permit()
                await self._charge_failure(call, reserved, error)
                elapsed = self._kit.clock.monotonic() - began
                delay = None if self._paying.has_left or retry.is_final(error) else retry.delay(call.tries, elapsed)
                if delay is None:
                    raise
            await asyncio.sleep(delay)

    async def _charge(self, call: Call, reserved: str, value: Any) -> None:
        """Charges what a call has cost. One that is made is recorded, whatever `usage=` raises: not paid again."""
        if call.how.usage is None:
            await self._spending.count_unreported(call.how.at_most)
            return
        try:
            usage = _require_usage(call.how.usage(value))
            await self._spending.settle(reserved, usage)
        except Exception as error:  # noqa: BLE001 - it is raised when the result is recorded
            call.uncounted = error
        else:
            call.usage = usage

    async def _charge_failure(self, call: Call, reserved: str, error: Exception) -> None:
        """Who answers with an error is not paid, unless the error says so. Of a try that was cut off at its timeout
        nobody knows: it counts as what it might cost, as that of a worker which died does."""
        if isinstance(error, AttemptTimeoutError):
            await self._spending.count_unreported(call.how.at_most)
            return
        said = getattr(error, "usage", None)
        usage = said if isinstance(said, Usage) else Usage()
        try:
            await self._spending.settle(reserved, usage)
        except Exception as trouble:  # noqa: BLE001 - a model without a price must not hide what the call has failed of
            _log.warning("what %s has cost before it failed is not charged: %s", call.what, trouble)
            await self._spending.count_unreported(call.how.at_most)
        else:
            call.usage = usage if usage != Usage() else None

    async def _open_guard(self, call: Call) -> Guard | None:
        """What stands before a call that a breaker guards.

        Raises:
            Suspended: the breaker is open: the attempt is over, and the step deferred.
        """
        breaker = call.how.breaker
        if breaker is None or breaker.name == self._guarded_by:
            return None
        guard = Guard(self._kit, breaker, self._spending.work)
        if wait_ms := await guard.request_permit():
            await self._spending.leave(wait_ms, f"breaker {breaker.name} is open", guard.hasten_called)
        return guard

    async def _reserve(self, call: Call, this: int, guard: Guard | None) -> str:
        try:
            return await self._spending.reserve(f"{call.member}|{this}", call.how.at_most)
        except BaseException:
            if guard is not None:
                await guard.give_back_permit()
            raise

    async def _try_once(
        self, call: Call, observed: OpenCall, guard: Guard | None, reserved: str
    ) -> "asyncio.Task[Encoded]":
        timeout = call.how.timeout if guard is None else guard.limit_timeout(call.how.timeout)
        token = current_call.set(call.what)
        try:
            with observed.activate():
                async with asyncio.timeout(timeout) as limit:
                    value = await call_function(call.function)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise AttemptTimeoutError(f"{call.what} took longer than its timeout of {timeout} s") from error
        finally:
            current_call.reset(token)
        return self._records.start_recording(call, value, lambda: self._charge(call, reserved, value))

    def _end_observation(
        self, observed: OpenCall, call: Call, result: Encoded | None, error: BaseException | None
    ) -> None:
        parked = str(error) if isinstance(error, Suspended) else ""
        failed = error if error and not isinstance(error, Suspended) else None
        observed.end(
            CallEnded(
                ended_ns=self._kit.clock.now_ns(),
                tries=call.tries,
                parked=parked,
                usage=_call_usage(call.usage),
                error=ErrorInfo.of(failed, self._kit.redactor.text) if failed else None,
                result=result if self._is_told else None,
            )
        )


def _require_usage(usage: object) -> Usage:
    if not isinstance(usage, Usage):
        raise DefinitionError(f"usage= must return a Usage, and has returned {usage!r}")
    return usage


def _call_usage(usage: Usage | None) -> CallUsage | None:
    """What a call has cost, for telemetry; None where its author does not say."""
    if usage is None:
        return None
    parts = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
    return CallUsage(tokens=usage.all_tokens, usd=usage.usd, model=usage.model, **parts)
