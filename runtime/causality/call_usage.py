"""What a recorded call has cost, as facts carry it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUsage:
    """What a recorded call has cost, as its author says: `tokens` are all of them, those in and out are zero where
    nobody tells them apart, `usd` where nobody says it."""

    tokens: int
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    model: str = ""
