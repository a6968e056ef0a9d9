"""Has features written and compares what came out with the plan; `causeline worker sample_agents.codegen:app` writes.

python -m sample_agents.codegen --seed 7 --size 12
"""

import sys

from sample_agents.codegen.workload import main

if __name__ == "__main__":
    sys.exit(main())
