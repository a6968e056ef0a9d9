"""Retention: what is kept, and how what is old goes, while spans come in.

A *chain* is all traces that are tied together: they share a correlation, a run, an event or another node's id, one
names a node of the other as its cause, or one links to the other. It is old when the newest span of all its traces is
old, and goes as a whole. Work that is not done holds a chain back although it is old: a run without an end, a delivery
under way, a dead letter that nobody settled. Neither that nor an end that is young keeps anything for longer than
`policy.STRETCH` times the age: a chain that never ends would fill every disk.

A chain is looked for from its old traces alone, so that what is young is never walked.
"""
