"""Budgets that hold over all that one cause sets off."""
