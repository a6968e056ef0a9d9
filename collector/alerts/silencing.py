"""What operators keep silent: alerts still fire and are shown, and nobody is told."""

from datetime import timedelta
from uuid import UUID

from collector.alerts.engine import AlertEngine
from collector.errors import BadQueryError, NotFoundError
from collector.models import Silence, SilenceRequest, UnsilenceRequest
from collector.models.alerts import SILENCE_LIMIT
from collector.times import moment, nanoseconds


def create_silence(alerts: AlertEngine, request: SilenceRequest, operator: str) -> Silence:
    """Keeps alerts silent; what kept the same silent before ends.

    Raises:
        NotFoundError: when there is no such rule.
        BadQueryError: when it would be over already, or in more than a year.
        StoreError: when it can't be written down; then nothing is silent.
    """
    now_ns = alerts.now_ns()
    now = moment(now_ns)
    until = request.until or now + timedelta(seconds=request.seconds or 0.0)
    if not timedelta() < until - now <= timedelta(seconds=SILENCE_LIMIT):
        raise BadQueryError(f"a silence ends within a year from now, not at {until.isoformat()}")
    with alerts.lock:
        known = {*alerts.rules.rules, *alerts.rules.bad, *(rule for rule, _ in alerts.ward.fired)}
        if request.rule not in known:
            raise NotFoundError("rule", request.rule)
        new = alerts.ward.add_silence(request.rule, request.about, operator, request.reason, (now, until))
        same = [
            each
            for each in alerts.ward.silences.values()
            if (each.rule, each.about) == (new.rule, new.about) and each.id != new.id
        ]
        try:
            alerts.book.insert_silence(new, now_ns, nanoseconds(until), [UUID(each.id) for each in same])
        except BaseException:
            del alerts.ward.silences[new.id]
            raise
        for each in same:
            del alerts.ward.silences[each.id]
    return new


def end_silence(alerts: AlertEngine, request: UnsilenceRequest, operator: str) -> Silence:
    """Ends a silence: what fires and was not told is told at the next look.

    Raises:
        NotFoundError: when there is none, or it is over.
        StoreError: when it can't be written down; then it goes on.
    """
    with alerts.lock:
        found = alerts.ward.silences.get(request.id)
        if found is None:
            raise NotFoundError("silence", request.id)
        alerts.book.end_silence(UUID(found.id), operator, alerts.now_ns())
        del alerts.ward.silences[found.id]
    return found
