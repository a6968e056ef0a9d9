"""How fast Causeline is, beside its peers and beside the limit, all measured in the same run. `make bench` runs it."""
