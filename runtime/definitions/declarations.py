"""What the author of an app declares: workflows and handlers under one name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from runtime.budgets.budget import Budget
from runtime.bus.contract import Start
from runtime.definitions.breakers import breakers_of, require_same_settings
from runtime.definitions.bridges import Inbound, RabbitMQ
from runtime.definitions.callables import name_of
from runtime.definitions.deadline import Within
from runtime.definitions.inboxes import checked_inbox
from runtime.definitions.key_limits import KeyLimit
from runtime.definitions.limits import AgentLimits, apply_limits, build_agent_limits, require_limits_used
from runtime.definitions.options import check_options, checked_agent, checked_flag
from runtime.definitions.order_fields import checked_order
from runtime.definitions.schedule import BuiltSchedule, Schedule, build_schedule, declare_schedule
from runtime.definitions.shadowing import Successor, find_successors, resolve_successors, shadow_subscriptions
from runtime.definitions.steps import BuiltWorkflow
from runtime.definitions.subscription import Handler, Subscription, build_subscription
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError
from runtime.rabbitmq.contract import Bridge
from runtime.resilience.breaker import Breaker
from runtime.resilience.limits import Limit
from runtime.resilience.retry import Retry
from runtime.schedules.policies import Missed, Overlap
from runtime.schedules.spec import When
from runtime.server.names import checked_name

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class BuiltApp:
    """An app whose declarations have been checked."""

    name: str
    version: str
    workflows: Mapping[str, BuiltWorkflow]
    subscriptions: tuple[Subscription, ...]
    schedules: tuple[BuiltSchedule, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """Of agents, by name; those by key are known by the steps that they bound."""
    inbounds: tuple[Inbound, ...] = ()
    has_bridge: bool = False
    """Whether anything comes from RabbitMQ, or goes there."""
    successors: tuple[Successor, ...] = ()
    """Of the steps that have one."""


class Declarations:
    """The declarations of one app.

    Args:
        name: of the app.
        version: of its code, as its author counts.

    Raises:
        DefinitionError: when the name has other characters than letters, digits and `._/-`.
    """

    def __init__(self, name: str, version: str) -> None:
        self.name = checked_name("app", name)
        self.version = version
        self._workflows: dict[str, Workflow] = {}
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._schedules: dict[str, Schedule] = {}
        self._limits: dict[str, AgentLimits] = {}
        self._bridge: RabbitMQ | None = None
        self._built: tuple[object, BuiltApp] | None = None

    @property
    def rabbitmq(self) -> RabbitMQ:
        """The app's bridge to RabbitMQ; what is declared on it joins channels with queues and exchanges."""
        if self._bridge is None:
            self._bridge = RabbitMQ(self._add_handler, self._current_bridge)
        return self._bridge

    def _current_bridge(self) -> Bridge:
        """What the running event loop sends to RabbitMQ with; whoever can be connected says what."""
        raise NotImplementedError

    def workflow(
        self,
        name: str,
        /,
        *,
        deadline: Within | None = None,
        limits: Sequence[KeyLimit] | None = None,
        **inputs: Any,
    ) -> Workflow:
        """Declares a workflow; its steps are declared on what this returns.

        Args:
            name: unique in the app.
            deadline: seconds, or a timedelta, after which a run fails that has not ended, unless its start says
                otherwise; by default it may take as long as it takes.
            limits: what bounds the steps of its runs together for each value of a key, such as
                `[limit(key="tenant", at_once=2)]`.
            inputs: types of its inputs, by name. One whose type takes None may be left out.
        """
        if name in self._workflows:
            raise DefinitionError(f"app {self.name} has two workflows named {name!r}: rename one of them")
        workflow = self._workflows[name] = Workflow(name, inputs, deadline, limits)
        return workflow

    def schedule(
        self,
        name: str,
        workflow: Workflow,
        when: When,
        /,
        *,
        inputs: Mapping[str, Any] | None = None,
        subject: str = "",
        missed: Missed = "latest",
        overlap: Overlap = "skip",
        budget: Budget | None = None,
    ) -> None:
        """Has workers start a run of a workflow again and again; each tick starts one, however many workers there are.

        Args:
            name: unique in the app.
            workflow: one of this app's.
            when: `Cron("0 9 * * 1-5", zone="Europe/Berlin")`, or `Every(minutes=5)`.
            inputs: of the runs, by name.
            subject: what the runs are about; by default the schedule's name and when the run was due.
            missed: what becomes of ticks that are more than a minute late, because no worker was there: the `latest`
                runs, once; `none` does; or `CatchUp(at_most=100, per_minute=10)`.
            overlap: what a tick does while the run of the one before goes on: `skip` it; `buffer`: it waits for that,
                and further ones are skipped; `cancel` that run; or `allow` both.
            budget: what each of its runs, and all that it causes, may cost.

        Raises:
            DefinitionError: the app has a schedule of that name, or something can't be.
        """
        if name in self._schedules:
            raise DefinitionError(f"app {self.name} has two schedules named {name!r}: rename one of them")
        own = self._workflows.get(getattr(workflow, "name", ""))
        if own is None or own is not workflow:
            raise DefinitionError(f"schedule {name!r} can't start {workflow!r}: give what app.workflow() made")
        self._schedules[name] = declare_schedule(name, workflow, when, inputs, subject, missed, overlap, budget)

    def agent(
        self,
        name: str,
        /,
        *,
        at_once: int | None = None,
        calls_per_minute: int | None = None,
        tokens_per_minute: int | None = None,
        limits: Sequence[KeyLimit] | None = None,
    ) -> None:
        """Bounds what the steps of an agent do, over all processes. Those that are over it are not begun, and wait.

        Args:
            name: of the agent, as steps say it with `agent=`.
            at_once: attempts that are under way. What a worker held that is gone counts no more.
            calls_per_minute: attempts that begin in a minute; recorded calls (`ctx.once`) count one by one, instead.
            tokens_per_minute: tokens that are reported in a minute, as for budgets: by `usage=` of recorded calls, and
                by `ctx.spent`. While it is reached nothing begins; what is under way may go beyond it.
            limits: what bounds them for each value of a key beside, such as `[limit(key="tenant", at_once=2)]`.

        0 pauses the agent.

        Raises:
            DefinitionError: the agent has limits already, a bound can't be, or none is given. When the app is built:
                nothing is for the agent, or a handler is, for which limits don't hold.
        """
        given = build_agent_limits(name, at_once, calls_per_minute, tokens_per_minute, limits)
        if name in self._limits:
            raise DefinitionError(f"agent {name!r} of app {self.name} is given limits twice: put them into one")
        self._limits[name] = given

    def subscribe(
        self,
        channel: str,
        *,
        group: str | None = None,
        start: Start = "",
        retry: Retry | None = None,
        timeout: float | None = None,
        breaker: Breaker | None = None,
        agent: str | None = None,
        record_values: bool = True,
        order_by: str | None = None,
        ephemeral: bool = False,
        inbox: str | None = None,
    ) -> Callable[[Function], Function]:
        """Declares a handler: it takes an `Event[T]`, or the payload `T` alone, and a `Context` if it asks for one.

        Args:
            channel: whose events.
            group: shares the events among the workers that serve it; by default the app's name, a dot, and the
                function's.
            start: where a new group begins: `earliest` for all events that are still kept, `latest` for those that
                come; by default the earliest for the first group that a channel ever has, else the latest.
            retry: how often a delivery is tried before it goes dead; by default `Retry()`.
            timeout: seconds for one attempt; by default none.
            breaker: guards it together with all other work that declares the same name.
            agent: who does it, as `causeline worker --agent` and telemetry call it; by default the group's or the
                function's name.
            record_values: whether its spans carry a redacted copy of what it returns; its payload is told by the event.
            order_by: a field of the payload, such as `order_id`, or a path such as `order.id`: of the events that have
                the same value there, one is under way at a time, in the order of the channel, over all workers. One
                that fails holds the others of its value up until it is done, dead or expired.
            ephemeral: each worker gets all events from its start on, in a group of its own that is removed when the
                worker is gone; what fails for good there is dropped, and makes no dead letter.
            inbox: address of a PostgreSQL database that the handler writes to, in `ctx.transaction()`: what it writes
                there is written once for each event, however often that is delivered.

        Raises:
            DefinitionError: when the group has a handler on that channel, or an option can't be.
        """

        def declare(function: Function) -> Function:
            name = checked_name("group", group or name_of(function, "handler"))
            checked_name("channel", channel)
            if start not in ("", "earliest", "latest"):
                raise DefinitionError(f"group {name!r} can't start at {start!r}: say earliest or latest")
            if ephemeral and start == "earliest":
                raise DefinitionError(f"group {name!r} is ephemeral, and can't start at the earliest: leave start= out")
            handler = Handler(
                channel=channel,
                group=group or "",
                function=function,
                retry=retry or Retry(),
                timeout=timeout,
                breaker=breaker,
                agent=checked_agent(f"group {name!r}", agent),
                start=start,
                record_values=checked_flag(f"record_values of group {name!r}", record_values),
                order_by=checked_order(f"group {name!r}", order_by),
                ephemeral=checked_flag(f"ephemeral of group {name!r}", ephemeral),
                inbox=checked_inbox(f"group {name!r}", inbox, function, ephemeral=ephemeral),
            )
            self._add_handler(handler, name)
            return function

        return declare

    def _add_handler(self, handler: Handler, name: str = "") -> None:
        """Adds a handler under the name of its group, which may be its function's."""
        key = handler.channel, name or handler.group
        check_options(f"group {key[1]!r}", handler.retry, handler.timeout, handler.breaker)
        if key in self._handlers:
            raise DefinitionError(f"group {key[1]!r} of channel {handler.channel} has two handlers: rename one group")
        self._handlers[key] = handler

    def _check_children(self) -> None:
        for workflow in self._workflows.values():
            for step, child in workflow.children.items():
                if self._workflows.get(child.name) is not child:
                    raise DefinitionError(
                        f"step {step!r} of workflow {workflow.name} is workflow {child.name}, which is not of app "
                        f"{self.name}: no worker of it would do that"
                    )

    def build(self) -> BuiltApp:
        """Checks all declarations.

        Raises:
            DefinitionError: names the step, the parameter, what is available and the nearest.
        """
        steps = ((name, len(one.steps)) for name, one in self._workflows.items())
        inbounds = () if self._bridge is None else self._bridge.inbounds
        known = (*self._handlers, *self._schedules, *self._limits, *steps, *inbounds)
        if self._built is None or self._built[0] != known:  # making readers of types takes its time
            shaped = {name: workflow.build() for name, workflow in self._workflows.items()}
            self._check_children()
            workflows = {name: apply_limits(workflow, self._limits) for name, workflow in shaped.items()}
            subscriptions = tuple(build_subscription(handler, self.name) for handler in self._handlers.values())
            schedules = tuple(build_schedule(one, workflows[one.workflow.name]) for one in self._schedules.values())
            found = find_successors(self.name, workflows.values(), subscriptions)
            subscriptions += shadow_subscriptions(found, workflows)
            workflows = {name: resolve_successors(workflow, found) for name, workflow in workflows.items()}
            require_limits_used(self.name, self._limits, workflows.values(), subscriptions)
            require_same_settings(breakers_of(workflows.values(), subscriptions))
            together = {name: one.together for name, one in self._limits.items() if one.together is not None}
            app = BuiltApp(
                self.name,
                self.version,
                workflows,
                subscriptions,
                schedules,
                together,
                inbounds,
                has_bridge=self._bridge is not None,
                successors=found,
            )
            self._built = known, app
        return self._built[1]
