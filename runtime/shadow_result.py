"""How a handler did beside the step that it is to do in the end."""

from runtime.frozen import frozen
from runtime.vocabulary import ShadowVerdict


@frozen()
class ShadowResult:
    """The verdict, the fields that differ, and what it would have done beside, had it not been for a comparison."""

    verdict: ShadowVerdict
    differences: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
