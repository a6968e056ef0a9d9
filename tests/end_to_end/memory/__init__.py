"""A long look at memory: a whole Causeline at work for some minutes, while nothing of it may grow."""
