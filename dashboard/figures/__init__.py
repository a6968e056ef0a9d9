"""Drawings: data in, a scene or a figure out. Pure; the `.js` files beside them draw the scenes."""
