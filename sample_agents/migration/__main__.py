"""Sends a week's payments and moves steps meanwhile; `causeline worker sample_agents.migration:app` does the work.

python -m sample_agents.migration --seed 7 --size 210
"""

import sys

from sample_agents.migration.workload import main

if __name__ == "__main__":
    sys.exit(main())
