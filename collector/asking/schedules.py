"""Schedules."""

from collections.abc import Iterator

from collector.asking.base import PAGE, Asking, walk
from collector.models import Schedule, ScheduleAnswer, ScheduleList, ScheduleRequest


class Schedules(Asking):
    """What is asked about schedules, and done with them."""

    def schedules(self, *, app: str | None = None, limit: int | None = None, cursor: str | None = None) -> ScheduleList:
        """Returns schedules with their next times, by app and name."""
        return self._api.get(ScheduleList, "/api/schedules", app=app, limit=limit, cursor=cursor)

    def every_schedule(self, *, app: str | None = None) -> Iterator[Schedule]:
        """Yields every schedule, by app and name."""
        return walk(lambda cursor: self.schedules(app=app, limit=PAGE, cursor=cursor))

    def pause_schedule(self, app: str, name: str, operator: str) -> ScheduleAnswer:
        """Pauses a schedule: it starts nothing, but by hand."""
        return self._do("pause", app, name, operator)

    def unpause_schedule(self, app: str, name: str, operator: str) -> ScheduleAnswer:
        """Lets a paused schedule go on; what was due meanwhile is dropped."""
        return self._do("unpause", app, name, operator)

    def run_schedule(self, app: str, name: str, operator: str) -> ScheduleAnswer:
        """Makes a schedule tick now."""
        return self._do("run", app, name, operator)

    def remove_schedule(self, app: str, name: str, operator: str) -> ScheduleAnswer:
        """Removes a schedule that no code declares any more."""
        return self._do("remove", app, name, operator)

    def _do(self, act: str, app: str, name: str, operator: str) -> ScheduleAnswer:
        request = ScheduleRequest(app=app, name=name, operator=operator)
        return self._api.post(ScheduleAnswer, f"/api/schedules/{act}", request)
