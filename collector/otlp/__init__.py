"""The OpenTelemetry Protocol: receive, decode, refuse."""

import os

# gRPC's core reads it as it is imported, and would write a line into our log for each absurd header that anybody sends.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
