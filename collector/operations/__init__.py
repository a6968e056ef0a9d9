"""The live bus, as the collector sees it."""
