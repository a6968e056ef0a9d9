"""One logistics flow in two shapes, under the same seeded faults: all of it in one DAG that one coordinator in memory
drives, or the critical path as durable runs and everybody else on a channel.

    causeline demo logistics --compare --seeds 20
    causeline demo logistics --agents 2..50
"""
