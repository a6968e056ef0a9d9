"""What caused what: the graph around a node, both ways, across any number of traces."""
