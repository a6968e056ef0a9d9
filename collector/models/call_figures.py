"""How calls of models and tools do, and what they cost."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from collector.models.base import Model, Window
from collector.models.calls import Usage
from collector.models.steps import ScoreFigures


class CallsBy(StrEnum):
    """What calls are put together by. Days are UTC's; calls of a run are with those of the runs that it started."""

    MODEL = "model"
    AGENT = "agent"
    TOOL = "tool"
    APP = "app"
    USER = "user"
    SESSION = "session"
    RUN = "run"
    DAY = "day"


class CallsSort(StrEnum):
    """What figures of calls are sorted by."""

    NAME = "name"
    CALLS = "calls"
    ERRORS = "errors"
    ERROR_RATE = "error_rate"
    TOKENS = "tokens"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    CACHE_READ_TOKENS = "cache_read_tokens"
    REASONING_TOKENS = "reasoning_tokens"
    COST = "cost"
    UNPRICED = "unpriced"
    P50 = "p50"
    P95 = "p95"
    FIRST_CHUNK = "first_chunk"
    LATEST = "latest"


class CallFigures(Model):
    """Calls of one model, agent, tool, app, user, session, run or day. `name` is empty where nobody told; `app` is None
    where calls of several apps are put together.

    `calls`, `errors` and times are of calls of models; by tool, of tools and retrievers. `usage.calls` is `calls`.
    `first_chunk_p95_ms` is None where no call was streamed, or nobody measured it. `unpriced_models` told tokens and
    have no price. `providers` are those that were called. `scores` are those that the calls themselves were given.
    """

    name: str
    app: str | None = None
    calls: int
    errors: int
    tool_calls: int = 0
    usage: Usage
    p50_ms: float | None = None
    p95_ms: float | None = None
    first_chunk_p95_ms: float | None = None
    unpriced_models: list[str] = Field(default_factory=list)
    providers: list[str] = Field(default_factory=list)
    scores: list[ScoreFigures] = Field(default_factory=list)
    latest: datetime | None = None


class PriceState(Model):
    """Which prices hold: the date and source that the list of prices says, and what is wrong with the user's file."""

    origin: str = ""
    date: str = ""
    source: str = ""
    error: str = ""


class CallFiguresList(Model):
    """Figures of the window, sorted; `total` is all of them together, `groups` how many there are. Where those are more
    than were asked for, the rest is left out. `prices` are in the order in which they are looked up."""

    window: Window
    by: CallsBy
    items: list[CallFigures]
    total: CallFigures
    groups: int
    prices: list[PriceState] = Field(default_factory=list)
