"""The view of runs: their list, one run whole, and what an operator may do with it."""
