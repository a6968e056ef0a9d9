"""Steps beside their choreographed successors: how each stands, and whether the two agree."""
