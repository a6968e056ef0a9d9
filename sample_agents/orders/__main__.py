"""Has orders processed and reconciles the books; `causeline worker sample_agents.orders:app` processes them.

python -m sample_agents.orders --seed 7 --size 40 --subscribers 1..50
"""

import sys

from sample_agents.orders.workload import main

if __name__ == "__main__":
    sys.exit(main())
