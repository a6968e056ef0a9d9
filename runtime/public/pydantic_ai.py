"""Agents of Pydantic AI within steps: `from causeline.pydantic_ai import Recorded`."""

from runtime.adapters.pydantic_ai import Recorded

__all__ = ["Recorded"]
