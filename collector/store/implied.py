"""What part a span plays that names no operation: by attributes that only spans of that part have."""

import re
from collections.abc import Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from collector.store import names
from collector.store.attributes import Attributes
from collector.store.roles import Role

#: Names of models that the span itself says, of a request of its own. What others pass down to every span below them
#: (`traceloop.association.properties.*`), and what may be the model of a car (`model_name`), is none.
MODELS: Final = (
    "gen_ai.request.model",
    "gen_ai.response.model",
    "llm.model_name",
    "llm.request.model",
    "llm.response.model_name",
    "langfuse.observation.model.name",
    "ai.response.model",
)

#: Where an answer begins, by each convention that flattens messages, or tells them whole.
ANSWERS: Final = (
    "gen_ai.output.messages",
    "gen_ai.completion",
    "gen_ai.completion.0.content",
    "gen_ai.completion.0.role",
    "llm.output_messages.0.message.content",
    "llm.output_messages.0.message.role",
)

#: Logfire's of an agent, which names the model that it asks.
_AGENT: Final = ("agent_name", "model_name")

_EMBEDDING: Final = "embedding.model_name"

#: Attributes that are read here.
READ: Final = (*MODELS, *ANSWERS, *_AGENT, _EMBEDDING)

_EMBEDS: Final = re.compile("(^|[^a-z])embed(ding)?s?([^a-z]|$)", re.IGNORECASE)

#: Kinds of spans that call: not told, internal, client. A server answers, a producer and a consumer carry messages.
_CALLING: Final = (0, 1, 3)


def find_implied_roles(
    spans: pa.Table, attributes: Attributes, said: Mapping[str, pa.StringArray]
) -> list[tuple[Role, pa.BooleanArray]]:
    """Returns parts that spans play by what they carry, each with which do; the first decides.

    Args:
        spans: a batch.
        attributes: of them.
        said: columns `said_*`.
    """
    has_tokens = said["said_input_tokens"].is_valid()
    has_tool = said["said_tool"].is_valid()
    has_answer = attributes.texts(*ANSWERS).is_valid()
    is_free = said["said_operation"].is_null()
    agent, model = (attributes.texts(name).is_valid() for name in _AGENT)
    named = attributes.texts(*MODELS)
    names_model = pc.and_(named.is_valid(), pc.fill_null(pc.not_equal(named, names.UNKNOWN), fill_value=False))
    # Who says an agent's name beside a model and no more is the agent, or stands within one.
    asks = pc.or_(has_answer, pc.and_(names_model, said["said_agent"].is_null()))
    calls = pc.and_(
        is_free, pc.is_in(spans.column("kind").combine_chunks().cast(pa.int32()), pa.array(_CALLING, pa.int32()))
    )
    may_embed = pc.and_(calls, pc.or_(names_model, has_tokens))
    embedding = pc.or_(attributes.texts(_EMBEDDING).is_valid(), _find_embedding_names(spans.column("name"), may_embed))
    return [
        (Role.AGENT, pc.and_(is_free, pc.and_(agent, model))),
        (Role.EMBEDDING, pc.and_(calls, embedding)),
        (Role.MODEL, has_tokens),
        (Role.TOOL, has_tool),
        (Role.MODEL, pc.and_(calls, asks)),
    ]


def _find_embedding_names(called: pa.ChunkedArray, among: pa.BooleanArray) -> pa.BooleanArray:
    """Returns which of some spans are named after embeddings. Few have to be looked at, and the same again and again:
    RE2 takes longer to begin than all else here."""
    if not among.true_count:
        return among
    looked_at = called.combine_chunks().filter(among).dictionary_encode()
    found = pa.array([_EMBEDS.search(name or "") is not None for name in looked_at.dictionary.to_pylist()], pa.bool_())
    return pc.replace_with_mask(among, among, found.take(looked_at.indices))
