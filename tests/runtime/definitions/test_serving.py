"""What of an app a worker does is said by agents and kinds, and refused where that is nothing."""

import pytest

from runtime import App
from runtime.definitions.declarations import BuiltApp
from runtime.definitions.serving import ALL, Only, Serving
from runtime.definitions.workflow import Workflow
from runtime.errors import DefinitionError


def built() -> BuiltApp:
    """Steps for two agents and for nobody in particular, and a group for one of them."""
    app = App("crew")
    work = app.workflow("work")
    work.step(name="search", agent="research")(lambda: 1)
    work.step(name="judge", agent="review")(lambda search: search)
    work.step(name="ship")(lambda judge: judge)
    app.subscribe("shipped", group="notes", agent="research")(lambda event: None)
    app.subscribe("shipped", group="metrics")(lambda event: None)
    return app.build()


@pytest.mark.parametrize(
    ("agents", "only", "leaves", "groups"),
    [
        ((), "", set(), ["notes", "metrics"]),
        (("research",), "", {"review", "ship"}, ["notes"]),
        (("research", "ship"), "", {"review"}, ["notes"]),
        (("research",), "steps", {"review", "ship"}, []),
        ((), "steps", set(), []),
        ((), "groups", {"research", "review", "ship"}, ["notes", "metrics"]),
        (("metrics",), "", {"research", "review", "ship"}, ["metrics"]),
    ],
)
def test_a_worker_does_what_it_is_told(agents: tuple[str, ...], only: Only, leaves: set[str], groups: list[str]):
    """A step without agent= is for one of its own name, a group likewise."""
    app, serving = built(), Serving(frozenset(agents), only)
    serving.require_work(app)
    assert serving.unserved_agents(app) == leaves
    assert [one.group for one in serving.groups(app)] == groups


@pytest.mark.parametrize(
    ("serving", "why"),
    [
        (
            Serving(frozenset({"reserch"})),
            (
                "nothing in app crew is for agent 'reserch': did you mean 'research'? its steps and handlers are for "
                "metrics, research, review, ship"
            ),
        ),
        (
            Serving(frozenset({"review"}), "groups"),
            "app crew has no groups for review: such a worker would have nothing to do",
        ),
    ],
)
def test_a_worker_that_would_have_nothing_to_do_is_refused(serving: Serving, why: str):
    """By the names that there are."""
    with pytest.raises(DefinitionError) as refused:
        serving.require_work(built())
    assert str(refused.value) == why


def test_an_app_without_handlers_has_no_groups():
    """And none without steps has steps."""
    app = App("crew")
    app.workflow("work").step(name="search")(lambda: 1)
    with pytest.raises(DefinitionError, match="app crew has no groups: such a worker would have nothing to do"):
        Serving(only="groups").require_work(app.build())


@pytest.mark.parametrize("agent", ["", " ", "research ", "a\nb", 7])
def test_an_agent_that_no_command_line_could_name_is_refused(agent: object):
    """By the step, or the group, that is for it."""
    work = Workflow("work", {})
    with pytest.raises(DefinitionError, match="the agent of step 'search' can't be"):
        work.step(name="search", agent=agent)(lambda: 1)
    with pytest.raises(DefinitionError, match="the agent of group 'sms' can't be"):
        App("crew").subscribe("sent", group="sms", agent=agent)(lambda event: None)


def test_what_a_worker_leaves_out_is_said():
    """In its log."""
    assert [str(one) for one in (ALL, Serving(frozenset("ba"), "steps"), Serving(only="groups"))] == [
        "",
        ": agents a, b, steps only",
        ", groups only",
    ]
