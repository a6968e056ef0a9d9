"""`python -m runtime.cli`: the command line, for the processes that it starts itself."""

from runtime.cli.commands import main

main()
