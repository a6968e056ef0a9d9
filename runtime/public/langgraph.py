"""LangGraph's graphs within steps: `from causeline.langgraph import recorded`."""

from runtime.adapters.langgraph import recorded

__all__ = ["recorded"]
