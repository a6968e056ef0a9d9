"""An app that keeps what has died in a queue of RabbitMQ, whose name is in the environment."""

import os
from typing import Final

from runtime import App

DEAD: Final = "CAUSELINE_TEST_DEAD"
"""Names the queue."""

app = App("depot")
app.rabbitmq.dead_letters(queue=os.environ.get(DEAD, "dead"))
