"""Agents that write code until its tests pass: research, a file each in parallel, review, revise, approval, delivery.

    causeline demo codegen

has simulated models write functions, some of them wrong at first; what they write is run, with limits, and the tests
decide. The models are no models and say so; the code, the tests and their verdicts are real.
"""

from sample_agents.codegen.agents import app as app
