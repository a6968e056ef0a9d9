"""`causeline instrument`: runs a program that knows nothing of us, and has its spans sent to the collector."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Annotated, Final
from urllib.parse import quote

import typer

from runtime import settings
from runtime.cli import instrumented
from runtime.errors import DefinitionError
from runtime.home import find_home
from runtime.tokens import OwnToken
from runtime.tokens.own_token import is_same_server

#: What makes instrumentations leave out what people and models say, each with the value that lets it be sent.
CONTENT: Final = {
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": ("NO_CONTENT", "SPAN_ONLY"),
    "TRACELOOP_TRACE_CONTENT": ("false", "true"),
    "OPENINFERENCE_HIDE_INPUTS": ("true", "false"),
    "OPENINFERENCE_HIDE_OUTPUTS": ("true", "false"),
}

#: What is told besides: today's names for calls of models, and little that is lost with a program that is killed.
_ALWAYS: Final = {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental", "OTEL_BSP_SCHEDULE_DELAY": "1000"}

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def instrument(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="Such as: -- python app.py")],
    *,
    service: Annotated[str, typer.Option(help="What the program is called; else named after its file.")] = "",
    content: Annotated[bool, typer.Option("--content", help="Send prompts, answers and arguments as well.")] = False,
) -> None:
    """Run a Python program with the instrumentations that are installed beside it, and show it in the dashboard."""
    loaded = settings.load()
    token = OwnToken.find(
        find_home(loaded.home), loaded.collector_url, loaded.token.get_secret_value(), loaded.token_file
    )
    told = build_variables(command, os.environ, loaded.collector_url, token.text(), service=service, content=content)
    program = shutil.which(command[0])
    if program is None:
        raise DefinitionError(
            f"no program {command[0]!r} on the path: write what starts yours, such as `python app.py`"
        )
    os.execve(program, command, {**os.environ, **told})  # noqa: S606 - that is what was asked for; signals and status are its own


def build_variables(
    command: Sequence[str],
    environ: Mapping[str, str],
    collector_url: str,
    token: str,
    *,
    service: str = "",
    content: bool = False,
) -> dict[str, str]:
    """Returns the variables that a program is given. What is set already stays.

    Args:
        command: what starts it.
        environ: what it would have had.
        collector_url: where our collector is.
        token: what is presented to that, and to nobody else; empty for none.
        service: what it is called.
        content: whether what people and models say is sent.
    """
    endpoint = next((found for name in _ENDPOINTS if (found := environ.get(name))), None)
    told = {name: values[content] for name, values in CONTENT.items()} | _ALWAYS
    if endpoint is None:
        told |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector_url, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    if token and (endpoint is None or is_same_server(endpoint, collector_url)):
        told["OTEL_EXPORTER_OTLP_HEADERS"] = f"authorization=Bearer%20{quote(token, safe='')}"
    if "service.name=" not in environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        told["OTEL_SERVICE_NAME"] = program_name(command)
    kept = {name: value for name, value in told.items() if not environ.get(name)}
    path = os.pathsep.join(filter(None, (str(Path(instrumented.__file__).parent), environ.get("PYTHONPATH"))))
    return {**kept, **({"OTEL_SERVICE_NAME": service} if service else {}), "PYTHONPATH": path}


def program_name(command: Sequence[str]) -> str:
    """Returns what a program is called: its file, or its module, without what surrounds that; else its command."""
    for place, word in enumerate(command):
        if word.endswith(".py"):
            file = PurePath(word)
            return file.parent.name if file.stem in ("__main__", "main") and file.parent.name else file.stem
        if place and command[place - 1] == "-m":
            return word
    return PurePath(command[0]).name
