"""Orders that are paid once: validate, pay and ship are orchestrated; whoever cares hears of what was processed.

    causeline demo orders

has answers of the payment provider get lost, steps crash after it was asked, and parcels that nobody can deliver; the
books of the provider, which the runtime knows nothing of, say in the end what was taken and given back.
"""

from sample_agents.orders.agents import app as app
