"""Real programs of agents, with what they need: those of the documentation, and some that are harder to tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[4]
EXAMPLES: Final = ROOT / "docs" / "examples"

_SDK: Final = ("opentelemetry-sdk==1.45.2", "opentelemetry-exporter-otlp-proto-http==1.45.2")


@dataclass(frozen=True, slots=True)
class Program:
    """A program.

    Attributes:
        name: of its recording.
        path: where it is.
        packages: what it needs, each pinned.
        variables: what it is told.
        needs_redis: whether it is told a server in `REDIS_URL`.
    """

    name: str
    path: Path
    packages: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    needs_redis: bool = False


_LANGCHAIN: Final = (
    *_SDK,
    "langgraph==1.2.24",
    "langchain-core==1.8.3",
    "openinference-instrumentation-langchain==0.1.80",
    "opentelemetry-instrumentation-langchain==0.62.4",
)
_GEN_AI: Final = {"CONVENTION": "gen_ai"}
_WRITER: Final = EXAMPLES / "langgraph_writer.py"
_OFFICE: Final = Path(__file__).with_name("langgraph_hard.py")

PROGRAMS: Final = (
    Program("langgraph_openinference", _WRITER, _LANGCHAIN),
    Program("langgraph_gen_ai", _WRITER, _LANGCHAIN, _GEN_AI),
    Program("langgraph_hard_openinference", _OFFICE, _LANGCHAIN),
    Program("langgraph_hard_gen_ai", _OFFICE, _LANGCHAIN, _GEN_AI),
    Program("pydantic_ai", EXAMPLES / "pydantic_ai_desk.py", (*_SDK, "pydantic-ai-slim==2.68.0")),
    Program(
        "openai_agents",
        EXAMPLES / "openai_agents_travel.py",
        (*_SDK, "openai-agents==0.24.0", "openai==3.57.0", "openinference-instrumentation-openai-agents==2.6.0"),
    ),
    Program(
        "crewai",
        EXAMPLES / "crewai_report.py",
        (*_SDK, "crewai==1.15.30", "openinference-instrumentation-crewai==1.1.21"),
    ),
    Program(
        "autogen",
        EXAMPLES / "autogen_desk.py",
        (
            *_SDK,
            "autogen-agentchat==0.7.5",
            "autogen-ext[openai]==0.7.5",
            "openai==3.57.0",
            "openinference-instrumentation-autogen-agentchat==0.1.22",
        ),
    ),
)

ORDERS: Final = Program("langgraph_orders", Path(__file__).with_name("langgraph_orders.py"), _LANGCHAIN)
"""Many runs of one graph, two of whose nodes nobody waits for the results of."""

CELERY: Final = Program(
    "celery",
    EXAMPLES / "celery_orders.py",
    (*_SDK, "celery==5.7.0", "opentelemetry-instrumentation-celery==0.66b2"),
)
"""No agents: tasks, of which one is tried twice."""

FASTSTREAM: Final = Program(
    "faststream",
    EXAMPLES / "faststream_orders.py",
    (*_SDK, "faststream[redis]==0.7.8"),
    needs_redis=True,
)
"""No agents either: a message whose handler publishes another one."""
