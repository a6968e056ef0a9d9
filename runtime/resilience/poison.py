"""When work that keeps killing its worker is given up."""

from typing import Final

#: Deaths of a cell that its parent has seen while this work ran in it, and nothing else.
KILL_LIMIT: Final = 3
#: Cells that vanished with this work together with the parent that would have seen them die, as when a container's
#: memory limit takes all of its processes. More than kills: whatever took the parent may not be this work's doing.
VANISH_LIMIT: Final = 5
