"""Workflows: declared steps, and the graph that their signatures make."""
