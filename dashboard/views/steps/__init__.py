"""The view of steps and groups: the page, its table, and one of them."""
