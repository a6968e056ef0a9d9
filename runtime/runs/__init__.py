"""Runs as telemetry knows them, and how their ends are told."""
