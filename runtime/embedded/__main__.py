"""`python -m runtime.embedded HOME BINARY`: the keeper; started by `join`, not by people."""

import sys

from runtime.embedded.keeper import main

sys.exit(main(sys.argv[1:]))
