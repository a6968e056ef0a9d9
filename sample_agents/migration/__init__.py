"""Payments of a week: what nobody waits for moves from the DAG to the bus, step by step, while they go on.

    causeline demo migration

has payments be authorised and settled, and of each a receipt written, its fraud scored, its revenue noted and points
credited: at first all of it in one run. Day by day one of the four moves to a handler that was compared with it before,
one of them only after it was mended. In the end the books say whether anything stopped, got lost or was done twice.
"""

from sample_agents.migration.agents import app as app
