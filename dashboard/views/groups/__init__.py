"""The view of groups: what each owes, who works, and what operators did."""
