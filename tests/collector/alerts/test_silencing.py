"""What operators keep silent still fires, and nobody is told."""

from collector.alerts import silencing
from collector.models import SilenceRequest
from tests.collector.alerts.guarded import Guard
from tests.collector.alerts.test_notifying import late, well
from tests.collector.alerts.webhook import HookServer
from tests.collector.operations.memory import MemoryBus
from tests.waiting import until


async def test_who_is_silenced_is_not_told_until_the_silence_ends(guard: Guard, bus: MemoryBus) -> None:
    """Then of what still fires alone; after a restart too."""
    with HookServer() as hook:
        guard.say(f'[webhooks.slack]\nurl = "{hook.url}"')
        request = SilenceRequest(rule="unprocessed", seconds=300, operator="ada", reason="planned")
        silencing.create_silence(guard.alerts, request, "ada")
        await late(guard, bus)
        await well(guard, bus)
        assert [alert.rule for alert in guard.all.items] == ["unprocessed"]
        await late(guard, bus)
        await guard.restart()
        await guard.look(after=10, times=2)
        (alert,) = guard.firing()
        assert alert.silence_id is not None
        assert hook.requests == 0
        await guard.look(after=300)
        await until(lambda: hook.told)
        assert [told["id"] for told in hook.told] == [alert.id]
        assert guard.all.silences == []
