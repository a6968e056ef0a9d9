"""The command line, one file a command or small family."""

from runtime.cli.commands import main

__all__ = ["main"]
