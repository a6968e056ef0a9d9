"""The view of alerts: what fires, which rules look, who is told, and what is over."""
