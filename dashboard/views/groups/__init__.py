"""The view of groups: what each owes, and what operators did."""
