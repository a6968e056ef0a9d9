"""RabbitMQ beside the bus: what comes from its queues, and what goes to its exchanges."""
