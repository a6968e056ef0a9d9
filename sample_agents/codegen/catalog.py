"""The functions that features are made of: their tasks, their tests, how each is right, and how subtly wrong."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Flaw(StrEnum):
    """How a draft can be wrong."""

    WRONG = "wrong"
    """It looks right, and one test fails."""
    HANGS = "hangs"
    GREEDY = "greedy"
    """It wants more memory than there is."""
    QUITS = "quits"
    """It ends the process, with status 0, before a test has run."""


@dataclass(frozen=True, slots=True)
class Function:
    """One entry. `right` is the code, `slip` what of it is replaced by `wrong` in a draft that looks right."""

    task: str
    tests: str
    right: str
    slip: str
    wrong: str

    def draft(self, flaw: Flaw | None) -> str:
        """The code with a flaw; None for none."""
        match flaw:
            case None:
                return self.right
            case Flaw.WRONG:
                return self.right.replace(self.slip, self.wrong)
        signature, _ = self.right.split("\n", 1)
        body = {
            Flaw.HANGS: "    while True:\n        pass\n",
            Flaw.GREEDY: "    return bytearray(1 << 36)\n",
            Flaw.QUITS: "    raise SystemExit(0)\n",
        }
        return f"{signature}\n{body[flaw]}"


FUNCTIONS: Final = {
    "roman": Function(
        "Roman numerals of a number from 1 to 3999",
        "assert roman(4) == 'IV'\nassert roman(1994) == 'MCMXCIV'\nassert roman(40) == 'XL'\n",
        "def roman(number):\n"
        "    signs = ((1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'),\n"
        "             (40, 'XL'), (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I'))\n"
        "    text = ''\n"
        "    for worth, sign in signs:\n"
        "        text += sign * (number // worth)\n"
        "        number %= worth\n"
        "    return text\n",
        "(40, 'XL'), ",
        "",
    ),
    "median": Function(
        "the median of a list of numbers, which stays as it is",
        "assert median([3, 1, 2]) == 2\nassert median([4, 1, 3, 2]) == 2.5\n"
        "given = [2, 1]\nmedian(given)\nassert given == [2, 1]\n",
        "def median(numbers):\n"
        "    numbers = sorted(numbers)\n"
        "    middle = len(numbers) // 2\n"
        "    if len(numbers) % 2:\n"
        "        return numbers[middle]\n"
        "    return (numbers[middle - 1] + numbers[middle]) / 2\n",
        "numbers[middle - 1] + numbers[middle]",
        "numbers[middle] + numbers[middle]",
    ),
    "chunks": Function(
        "a list in pieces of at most so many items",
        "assert chunks([1, 2, 3], 2) == [[1, 2], [3]]\nassert chunks([], 2) == []\n"
        "assert chunks([1, 2], 2) == [[1, 2]]\n",
        "def chunks(items, size):\n    return [items[start:start + size] for start in range(0, len(items), size)]\n",
        "range(0, len(items), size)",
        "range(0, len(items) - 1, size)",
    ),
    "slug": Function(
        "a title as a part of an address: lower case, words joined by hyphens",
        "assert slug('Hello, World') == 'hello-world'\nassert slug('  A  b ') == 'a-b'\n",
        "def slug(title):\n"
        "    kept = ''.join(sign.lower() if sign.isalnum() else ' ' for sign in title)\n"
        "    return '-'.join(kept.split())\n",
        "'-'.join(kept.split())",
        "kept.replace(' ', '-')",
    ),
    "luhn": Function(
        "whether a card number has the right check digit",
        "assert luhn('4539578763621486')\nassert not luhn('4539578763621487')\nassert luhn('79927398713')\n",
        "def luhn(number):\n"
        "    total = 0\n"
        "    for place, digit in enumerate(reversed(number)):\n"
        "        value = int(digit) * (1 + place % 2)\n"
        "        total += value - 9 if value > 9 else value\n"
        "    return total % 10 == 0\n",
        "value > 9",
        "value > 10",
    ),
    "runs": Function(
        "a text as pairs of a sign and how often it follows itself",
        "assert runs('aab') == [('a', 2), ('b', 1)]\nassert runs('') == []\n"
        "assert runs('aba') == [('a', 1), ('b', 1), ('a', 1)]\n",
        "def runs(text):\n"
        "    found = []\n"
        "    for sign in text:\n"
        "        if found and found[-1][0] == sign:\n"
        "            found[-1] = (sign, found[-1][1] + 1)\n"
        "        else:\n"
        "            found.append((sign, 1))\n"
        "    return found\n",
        "found[-1][1] + 1",
        "found[-1][1]",
    ),
}
