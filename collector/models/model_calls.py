"""What calls of language models took, as their clients and servers measured it themselves."""

from collector.models.base import Model


class ModelFigures(Model):
    """One model, as one service measured it over a window. Tokens are None where nobody counted them; `calls`, `p50_ms`
    and `p95_ms` are of whole calls, estimated from histograms, None where nobody measured them. `side` is who measured:
    the `client` that asked, or the `server` of the model."""

    service: str
    model: str
    side: str = "client"
    calls: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    first_token_p95_ms: float | None = None
