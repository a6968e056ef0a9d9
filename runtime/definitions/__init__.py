"""What an author writes: workflows, steps, handlers, and what their code is given."""
