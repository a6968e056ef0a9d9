"""The same ten dependent questions, asked twice: everything travels along, or each agent sees what it names.

    causeline demo accuracy

answers them with a simulated model, or with the one that `CAUSELINE_LLM_BASE_URL` and `CAUSELINE_LLM_MODEL` name.
"""

from sample_agents.accuracy.agents import app as app
