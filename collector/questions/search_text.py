"""What a search is for: an id in some form, a text, or either. Pure."""

import re
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

from collector.questions import identifiers, search_pattern
from collector.questions.identifiers import ParsedId
from collector.questions.search_pattern import SearchPattern

#: Characters by which the lower 64 bits of a UUID are written, at its end.
_HALF: Final = 17

#: What may be a part of an id that is shown.
_PART_OF_ID: Final = re.compile("[0-9a-f-]{6,}")


@dataclass(frozen=True, slots=True)
class SearchText:
    """What somebody looks for; everything where it is empty."""

    text: str
    reading: ParsedId
    needle: SearchPattern | None
    written: str = ""
    """To the letter, spaces around it included: an id may have them."""

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Returns what a text asks for."""
        asked = (text or "").strip()
        return cls(asked, identifiers.parse_identifier(asked), search_pattern.build_pattern(asked), text or "")

    def __bool__(self) -> bool:
        return self.needle is not None

    @property
    def ids(self) -> dict[str, Any]:
        """The values of queries that look for an id."""
        return {
            "ids": list(self.reading.uuids),
            "span_ids": list(self.reading.spans),
            "halves": [str(UUID(int=half))[-_HALF:] for half in self.reading.lower_halves],
        }

    @property
    def words(self) -> dict[str, Any]:
        """The values of queries that look for a text."""
        return {
            "literal": self.needle.literal if self.needle else None,
            "pattern": self.needle.pattern if self.needle else None,
        }

    @property
    def values(self) -> dict[str, Any]:
        """The values of queries that look for either, of something."""
        is_part_of_id = self.needle is not None and _PART_OF_ID.fullmatch(self.needle.literal) is not None
        return {
            "is_id": bool(self.reading),
            "has_spans": bool(self.reading.spans),
            "has_halves": bool(self.reading.lower_halves),
            "is_part_of_id": is_part_of_id and not self.is_whole_id,
            **self.ids,
            **self.words,
        }

    @property
    def is_whole_id(self) -> bool:
        """Whether it is all of an id of 128 bits, as that is shown: none has it as a part of its own."""
        return bool(self.reading.uuids) and self.text.lower() in {
            form for uuid in self.reading.uuids for form in (str(uuid), uuid.hex)
        }
