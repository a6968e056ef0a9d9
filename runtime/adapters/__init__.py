"""Agents of other frameworks within steps: what they call is recorded, so that a later attempt pays nothing twice."""
