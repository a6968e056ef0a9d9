"""How secrets look, wherever they stand. Pure.

Every expression means the same to Python's `re` and to RE2. None can take long in Python's: what may repeat without end
is followed by nothing that can fail, or by a character that it can't hold itself.
"""

import re
from dataclasses import dataclass
from typing import Final

REDACTED: Final = "[redacted]"

_ALONE: Final = "(^|[^A-Za-z0-9_-])"


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one kind of secret looks.

    Attributes:
        expression: finds it; its first group, where it has one, is what stays in front of it.
        signs: in lower case; a text without any of them holds no such secret. None where it has to be looked for.
        kept: what stays behind it.
    """

    expression: str
    signs: tuple[str, ...] = ()
    kept: str = ""

    def replacement(self) -> str:
        """What it is replaced with, in the words of `re.sub`."""
        return (r"\1" if re.compile(self.expression).groups else "") + REDACTED + self.kept

    def anywhere(self) -> str:
        """An expression that also finds it behind any letter: in protobuf a text's length stands before it, as a byte
        that may be one."""
        return self.expression.replace(_ALONE, "").replace(r"\b", "")


def _key(prefixes: str, rest: str, *signs: str) -> Pattern:
    return Pattern(rf"\b(?:{prefixes}){rest}", signs)


_LETTERS: Final = "[A-Za-z0-9]"
_DASHED: Final = "[A-Za-z0-9_-]"

#: Names of secrets where no sign of assignment follows: options of commands, elements of XML.
_OPTION: Final = "(?i:password|passwd|passphrase|token|secret|(?:api|access|secret|private)[_-]?key)"

#: What stands beside words that everybody knows.
PATTERNS: Final = (
    Pattern(
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]*(?:-[^-]+)*"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
        ("private key",),
    ),
    Pattern(r"(\b(?:[Bb]earer|BEARER)[ \t]{1,8})[A-Za-z0-9._~+/=-]{6,}", ("bearer",)),
    # A word of prose has capital letters and digits nowhere but at its beginning.
    Pattern(
        r"(\b(?:[Bb]asic|BASIC)[ \t]{1,8})[A-Za-z0-9][a-z]*[A-Z0-9+/=][A-Za-z0-9+/=]{4,}",
        ("basic",),
    ),
    Pattern(r"""(\b[Dd]igest[ \t]{1,8})username=[^\r\n]*""", ("digest",)),
    Pattern(
        r"""((?:[Aa]uthorization|AUTHORIZATION|[Cc]ookie|COOKIE)\s{0,4}[:=]\s{0,4})[^\s"'\\][^\r\n"'\\]*""",
        ("authorization", "cookie"),
    ),
    Pattern(r"""(://[^\s/?#@:"'<>]*:)[^\s/?#"'<>]*@""", ("://",), "@"),
    Pattern(r"(://)[A-Za-z0-9_.~%+-]{16,}@", ("://",), "@"),
    # Signed addresses, and those that let in whoever knows them.
    Pattern(r"(\b(?i:sig|signature|x-(?:amz|goog)-signature)=)[A-Za-z0-9%+/=_-]{8,}", ("sig=", "signature=")),
    Pattern(r"""(\bhooks\.slack\.com/[a-z]{1,16}/)[^\s"'<>|\\]+""", ("hooks.slack.com/",)),
    Pattern(r"(\b(?:discord|discordapp)\.com/api/webhooks/)[0-9A-Za-z/_-]+", ("/api/webhooks/",)),
    Pattern(
        rf"(--[A-Za-z_]{{0,16}}-?[A-Za-z_]{{0,16}}-?{_OPTION}[ \t]{{1,4}}[\"']?)[^\s\"'-][^\s\"']*",
        ("--",),
    ),
    Pattern(rf"(<[A-Za-z_.:-]{{0,32}}{_OPTION}>)[^<>\s][^<>]*", ("<",)),
)

#: Keys of well-known providers. All hold what `KEY_RUN` finds.
KEYS: Final = (
    Pattern(rf"{_ALONE}eyJ{_DASHED}{{8,}}\.eyJ{_DASHED}{{8,}}(?:\.{_DASHED}*)?", ("eyj",)),
    _key("sk-", rf"{_DASHED}{{16,}}", "sk-"),
    _key("[sr]k_(?:live|test)_|whsec_", rf"{_LETTERS}{{10,}}", "k_live_", "k_test_", "whsec_"),
    _key("A(?:KI|SI|BI|CC)A", "[A-Z0-9]{16}", "akia", "asia", "abia", "acca"),
    _key("gh[pousr]_", rf"{_LETTERS}{{20,}}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _key("github_pat_|gsk_|hf_|npm_|glpat-", rf"{_DASHED}{{16,}}", "github_pat_", "gsk_", "hf_", "npm_", "glpat-"),
    _key("xox[a-z]-|xapp-", rf"{_DASHED}{{8,}}", "xox", "xapp-"),
    _key("AIza", rf"{_DASHED}{{30,}}", "aiza"),
    _key(r"ya29\.|dop_v1_|shp[a-z]{2}_|lsv2_", rf"{_DASHED}{{16,}}", "ya29.", "dop_v1_", "shp", "lsv2_"),
    _key("nvapi-|pplx-|xai-|pypi-", rf"{_DASHED}{{20,}}", "nvapi-", "pplx-", "xai-", "pypi-"),
    _key("causeline_[0-9a-f]{12}_", rf"{_DASHED}{{43,}}", "causeline_"),
    _key("hv[sbr]\\.", rf"{_DASHED}{{24,}}", "hvs.", "hvb.", "hvr."),
    _key(
        "gl(?:rt|ft|dt|ptt|soat|cbt)-", rf"{_DASHED}{{16,}}", "glrt-", "glft-", "gldt-", "glptt-", "glsoat-", "glcbt-"
    ),
    _key(
        "gls?[ac]_|sntry[su]_|sbp_|figd_|dckr_pat_|rubygems_|r8_|tgp_v1_|pcsk_|lin_api_|ntn_|do[or]_v1_",
        rf"{_DASHED}{{20,}}",
        *("glsa_", "glc_", "sntrys_", "sntryu_", "sbp_", "figd_", "dckr_pat_", "rubygems_", "r8_", "tgp_v1_"),
        *("pcsk_", "lin_api_", "ntn_", "doo_v1_", "dor_v1_"),
    ),
    _key(
        "tvly-|pul-|PMAK-|NRAK-|sq0[a-z]{3}-|AGE-SECRET-KEY-1",
        rf"{_DASHED}{{20,}}",
        "tvly-",
        "pul-",
        "pmak-",
        "nrak-",
        "sq0",
        "age-secret-key-1",
    ),
    _key("dapi", "[0-9a-f]{32}", "dapi"),
    _key("secret_", rf"{_LETTERS}{{40,}}", "secret_"),
    Pattern(rf"{_ALONE}[0-9]{{8,10}}:AA{_DASHED}{{33}}", (":aa",)),
    Pattern(rf"{_ALONE}SG\.{_DASHED}{{16,}}\.{_DASHED}{{16,}}", ("sg.",)),
)

#: A text without so many such letters in a row holds no key; prose seldom has them.
KEY_RUN: Final = "[A-Za-z0-9_-]{11}"


def assignments(words: str) -> tuple[Pattern, ...]:
    """Secrets in text that is no JSON: `password=x`, `"api_key": "x"`, `{'token': 'x'}`.

    Args:
        words: finds one of the words that name a secret.
    """
    if not words:
        return ()
    name = rf"""{words}(?:[0-9]{{1,4}}|[_.-]\w{{1,32}})?"""
    # In Python's way and in others', and as addresses write quotes, spaces and colons.
    given = rf"""{name}\\{{0,4}}(?:["']|%22)?(?:\s{{0,16}}(?:[:=]{{1,2}}>?|%3[ADad])\s{{0,16}}|%20)(?:%20)?"""
    made = r"(?:[A-Za-z_][\w.]{0,31}\(|[(\[{<])?b?"
    return (
        Pattern(rf"""({name}["']\)?,\s{{0,4}}b?["'])[^"'\\]+"""),  # two items of a list
        Pattern(rf'({given}{made}"{{1,3}})(?:[^"\\]|\\.)+'),
        Pattern(rf"({given}{made}'{{1,3}})(?:[^'\\]|\\.)+"),
        Pattern(rf"({given}%22)[^%\s]+"),
        Pattern(rf"""({given}\\{{1,4}}["'])[^"'\\]+"""),
        # Numbers are no secrets.
        Pattern(rf"""({given}[({{<]?)[0-9.]*[^\s"'\\&,;()\[\]{{}}<>0-9.:=][^\s"'\\&,;()\[\]{{}}<>]*"""),
    )
