"""Has the questions of dossiers asked in both shapes; `causeline worker sample_agents.accuracy:app` answers them.

python -m sample_agents.accuracy --seed 7 --size 200 --width 16000
"""

import sys

from sample_agents.accuracy.workload import main

if __name__ == "__main__":
    sys.exit(main())
