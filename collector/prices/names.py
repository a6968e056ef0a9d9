"""Names of models as senders spell them: what routers, clouds and regions add to a name is taken off by rule.

Only a date may follow a name that has a price: what else follows is another model, at another price.
"""

import re
from typing import Final

#: Regions of Amazon Bedrock's inference profiles, and vendors of its models.
_REGION: Final = re.compile(r"^(?:us|us-gov|eu|apac|ap|jp|au|ca|sa|global)\.")
_VENDOR: Final = re.compile(
    r"^(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|google|moonshot|minimax|nvidia|writer)\."
)
_VERSION: Final = re.compile(r"-v\d+(?::\d+)?$|-\d+:\d+$")
_BEDROCK_VERSION: Final = re.compile(r"-v\d+:\d+$")

#: Vertex AI: `claude-sonnet-4-5@20250929`; its other words after an at-sign stand for what is current.
_CURRENT: Final = re.compile(r"@(?:default|latest)$")

_DATE: Final = re.compile(r"[-@]20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])$")

#: Providers by older and other names (OpenTelemetry gen_ai: `gen_ai.provider.name`).
_PROVIDERS: Final = {
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "xai": "x_ai",
    "bedrock": "aws.bedrock",
    "aws": "aws.bedrock",
    "mistralai": "mistral_ai",
    "mistral": "mistral_ai",
}


def list_name_variants(name: str) -> list[str]:
    """Returns a name as it is sent, in lower case, then what is left of it without what others add."""
    found: list[str] = []
    rest = name.strip().lower()
    while rest:
        for form in (rest, _strip_affixes(rest)):
            if form and form not in found:
                found.append(form)
        rest = rest.partition("/")[2]
    return found


def strip_date(name: str) -> str | None:
    """Returns a name without the date of its snapshot; None where it has none."""
    found = _DATE.sub("", name)
    return found if found and found != name else None


def normalize_provider(name: str | None) -> str:
    """Returns a provider by its present name; empty for none."""
    told = (name or "").strip().lower()
    return _PROVIDERS.get(told, told)


def _strip_affixes(name: str) -> str:
    local = _REGION.sub("", name)
    model = _VENDOR.sub("", local)
    unversioned = (_VERSION if model != local else _BEDROCK_VERSION).sub("", model)
    return _CURRENT.sub("", unversioned)
