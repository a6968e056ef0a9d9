"""How secrets look, wherever they stand. Pure.

Every expression means the same to Python's `re` and to RE2. None can take long in Python's: what may repeat without end
is followed by nothing that can fail, or by a character that it can't hold itself.
"""

from typing import Final

from runtime.redaction.pattern import ALONE as _ALONE
from runtime.redaction.pattern import REDACTED as REDACTED
from runtime.redaction.pattern import Pattern as Pattern
from runtime.redaction.shells import ARGUMENT, LINES


def _key(prefixes: str, rest: str, *signs: str, mark: str = "") -> Pattern:
    return Pattern(rf"\b(?:{prefixes}){rest}", signs, mark=mark)


_LETTERS: Final = "[A-Za-z0-9]"
_DASHED: Final = "[A-Za-z0-9_-]"

#: Names of secrets where no sign of assignment follows: options of commands, elements of XML.
_OPTION: Final = "(?i:password|passwd|passphrase|token|secret|(?:api|access|secret|private)[_-]?key)"

#: One of these is in each of them, in lower case: dashes and angles alone are in most texts.
_OPTION_SIGNS: Final = (
    *("password", "passwd", "passphrase", "token", "secret"),
    *(f"{word}{sign}key" for word in ("api", "access", "private") for sign in ("", "_", "-")),
)

#: What an address with a password in it holds, unlike most others.
_LET_IN: Final = r"""://[^\s/?#"'<>]*@"""

#: Names of secrets that are words, or parts of words, of their own.
_WORDS_OF_PROSE: Final = ("pass", "auth", "otp", "cvv", "cvc", "sessionid", "phpsessid")

#: Keys of a dictionary that hold what another one names.
_VALUE_KEYS: Final = "value|v|val|data"

#: What may follow a name to which something is given.
_SIGNS: Final = ("=", ":", '"', "'")

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
    Pattern(r"""(://[^\s/?#@:"'<>]*:)[^\s/?#"'<>]*@""", ("://",), "@", _LET_IN),
    Pattern(r"(://)[A-Za-z0-9_.~%+-]{16,}@", ("://",), "@", _LET_IN),
    # Signed addresses, and those that let in whoever knows them.
    Pattern(r"(\b(?i:sig|signature|x-(?:amz|goog)-signature)=)[A-Za-z0-9%+/=_-]{8,}", ("sig=", "signature=")),
    Pattern(r"""(\bhooks\.slack\.com/[a-z]{1,16}/)[^\s"'<>|\\]+""", ("hooks.slack.com/",)),
    Pattern(
        r"(\b(?:hooks\.zapier\.com/hooks/|webhook\.office\.com/|outlook\.office(?:365)?\.com/webhook/))"
        r"""[^\s"'<>|\\]+""",
        ("hooks.zapier.com/", ".office.com/", ".office365.com/"),
    ),
    Pattern(r"(\b(?:discord|discordapp)\.com/api/webhooks/)[0-9A-Za-z/_-]+", ("/api/webhooks/",)),
    Pattern(rf"(--[A-Za-z_]{{0,16}}-?[A-Za-z_]{{0,16}}-?{_OPTION}[ \t]{{1,4}}){ARGUMENT}", _OPTION_SIGNS),
    Pattern(rf"(<[A-Za-z_.:-]{{0,32}}{_OPTION}(?:\s[^<>]{{0,200}}[^<>/])?>)[^<>\s][^<>]*", _OPTION_SIGNS),
    Pattern(rf"((?:^|\s)-(?:[A-Z][A-Za-z]{{0,16}})?{_OPTION}[ \t]{{1,4}}){ARGUMENT}", _OPTION_SIGNS),
    # User and password of curl; numbers are users and groups of containers.
    Pattern(
        r"""((?:^|\s)(?:-[uU]|--user|--proxy-user)[ =]{1,4}["']?[A-Za-z0-9._@%+-]{1,64}:)"""
        r"""[0-9]*[^\s"'0-9][^\s"']*""",
        ("-u ", "-u=", "--user", "--proxy-user"),
    ),
    Pattern(r"""(["']-[uU]["'],\s{0,4}["'][A-Za-z0-9._@%+-]{1,64}:)[0-9]*[^\s"'0-9][^\s"']*""", ("-u'", '-u"')),
    Pattern(
        r"""(\bcurl[ \t](?:[^\r\n]{0,160}[ \t])?-u["']?[A-Za-z0-9._@%+-]{1,64}:)[^\s"']+""",
        ("curl",),
    ),
    Pattern(
        r"""(\b(?:redis|valkey)-cli[ \t](?:[^\r\n]{0,160}[ \t])?(?:-a|--pass)[ \t]{1,4}["']?)[^\s"'-][^\s"']*""",
        ("redis-cli", "valkey-cli"),
    ),
    Pattern(r"""(\bsshpass[ \t]{1,4}-p[ \t]{0,4}["']?)[^\s"'-][^\s"']*""", ("sshpass",)),
    Pattern(
        r"""(\b(?:mysql|mariadb)[a-z-]{0,12}[ \t](?:[^\r\n]{0,160}[ \t])?-p["']?)[^\s"'-][^\s"']*""",
        ("mysql", "mariadb"),
    ),
    Pattern(
        r"(://[^\s/?#@:\"'<>]{0,64}:)[^\s/?#\"'<>@0-9][^\s?#\"'<>@]{0,100}@",
        ("://",),
        "@",
        r"""://[^\s/?#@:"'<>]{0,64}:[^\s?#"'<>@]{1,101}@""",
    ),
    # SQL, .netrc, forms of several parts, attributes of XML.
    Pattern(
        r"""(\b(?i:password|identified[ \t]{1,4}by(?:[ \t]{1,4}password)?)\s{1,4}['"])[^'"\\]+""",
        ("password", "identified"),
    ),
    Pattern(r"(\blogin\s{1,8}[^\s]{1,64}\s{1,8}password\s{1,8})[^\s]+", ("login",)),
    Pattern(rf"(\bname=[\"']?[A-Za-z_.\[\]-]{{0,32}}{_OPTION}[\"']?\r?\n\r?\n)[^\r\n]+", ("name=",)),
    Pattern(
        rf"(\b(?i:key|name|id|type)=[\"'][A-Za-z_.:-]{{0,32}}{_OPTION}[\"'][^<>]{{0,200}}\s(?i:value|content)=[\"'])[^\"']+",
        ("value=", "content="),
    ),
    Pattern(
        r"""(<(?i:input)\s[^<>]{0,200}\b(?i:value)=["'])[^"']+(["'][^<>]{0,200}\s(?i:type)=["']?(?i:password))""",
        ("<input",),
        r"\2",
    ),
    # Sources of data: MySQL's in Go, Oracle's in Java.
    Pattern(r"(\b[A-Za-z0-9_.-]{1,64}:)[^\s@/]{1,128}(@(?:tcp|unix)\()", ("@tcp(", "@unix("), r"\2"),
    Pattern(r"""(\bjdbc:oracle:[a-z]{1,8}:[^\s/@"']{1,64}/)[^\s@"']{1,128}""", ("jdbc:oracle:",)),
    *LINES,
    # Words of prose, unless what is given to them looks made up.
    Pattern(
        r"""(\b(?i:otp|cvv|cvc|j?sessionid|phpsessid)\\{0,2}["']?\s{0,4}[:=]\s{0,4}\\{0,2}["']?)"""
        r"""[^\s"'\\,;&{}()<>\[\]=0-9]*[0-9][^\s"'\\,;&{}()<>\[\]]*""",
        # With what may follow, because `author` and `passenger` are common words.
        tuple(word + sign for word in _WORDS_OF_PROSE[2:] for sign in _SIGNS),
    ),
    # Of these a number alone counts something.
    Pattern(
        r"""(\b(?i:pass|auth)\\{0,2}["']?\s{0,4}[:=]\s{0,4}\\{0,2}["']?)"""
        r"""(?:[^\s"'\\,;&{}()<>\[\]=0-9]+[0-9]|[0-9]+[A-Za-z_!@#$%^*~-])[^\s"'\\,;&{}()<>\[\]]*""",
        tuple(word + sign for word in _WORDS_OF_PROSE[:2] for sign in _SIGNS),
    ),
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
    _key(
        "GOCSPX-|csk-|phx_|vcp_|CFPAT-|pscale_(?:tkn|pw|oauth)_|napi_|bkua_|rnd_|e2b_|esecret_|pylf_v[0-9]_|dp\\.[a-z]{2,4}\\.",
        rf"{_DASHED}{{20,}}",
        *(
            "gocspx-",
            "csk-",
            "phx_",
            "vcp_",
            "cfpat-",
            "pscale_",
            "napi_",
            "bkua_",
            "rnd_",
            "e2b_",
            "esecret_",
            "pylf_v",
        ),
        "dp.",
    ),
    _key(
        "ATATT3xFfGF0|ATBB|ABSK|EAAA|EZ[AT]K|BSA|fm2_|ops_eyJ",
        rf"{_DASHED}{{27,}}=*",
        "atatt3x",
        "atbb",
        "absk",
        "eaaa",
        "ezak",
        "eztk",
        "bsa",
        "fm2_",
        "ops_eyj",
    ),
    _key("fc-|key-|SK|sk_", "[0-9a-f]{32,}", "fc-", "key-", "sk", mark="(?:fc-|key-|sk_?)[0-9a-f]{32}"),
    _key("fw_|[ap][ks]-|sk_org_(?:live|test)_", rf"{_LETTERS}{{22,}}", "fw_", "ak-", "as-", "pk-", "ps-", "sk_org_"),
    _key("pa-", rf"{_DASHED}{{40,}}", "pa-"),
    _key(
        "(?:HRKU|pat-[a-z]{2}[0-9]|ak)-",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "hrku-",
        "pat-",
        "ak-",
    ),
    _key("re_", rf"{_LETTERS}{{8}}_{_LETTERS}{{20,}}", "re_", mark="re_[a-z0-9]{8}_[a-z0-9]{20}"),
    _key("pat", rf"{_LETTERS}{{14}}\.[0-9a-f]{{64}}", "pat", mark=r"pat[a-z0-9]{14}\.[0-9a-f]{64}"),
    _key("1//0", rf"{_DASHED}{{40,}}", "1//0"),
    _key(r"[sp]k\.eyJ", rf"{_DASHED}{{20,}}\.{_DASHED}{{20,}}", "k.eyj"),
    _key(
        "[MNO]",
        rf"{_DASHED}{{23,27}}\.{_DASHED}{{6,7}}\.{_DASHED}{{27,}}",
        ".",
        mark=r"\.[a-z0-9_-]{6,7}\.[a-z0-9_-]{27}",
    ),
    _key(r"access_token\$(?:production|sandbox)\$", rf"{_LETTERS}{{16}}\${_LETTERS}{{32}}", "access_token$"),
    Pattern(rf"{_ALONE}{_LETTERS}{{14}}\.atlasv1\.{_DASHED}{{60,}}", (".atlasv1.",)),
    Pattern(rf"{_ALONE}{_DASHED}{{3}}8Q~[A-Za-z0-9~._-]{{30,}}", ("8q~",)),
    _key("secret_", rf"{_LETTERS}{{40,}}", "secret_"),
    Pattern(rf"{_ALONE}(?:bot)?[0-9]{{8,10}}:AA{_DASHED}{{33,}}", (":aa",)),
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
    made = rf"""(?:[A-Za-z_][\w.]{{0,31}}\(|\{{["'](?:{_VALUE_KEYS})["']:\s{{0,4}}|[(\[{{<])?b?"""
    # Of a dictionary the name is told by one key, and the secret by another.
    apart = rf"""({name}["'],\s{{0,4}}(?:["']\w{{1,32}}["']:\s{{0,4}}["'][^"'\\]{{0,64}}["'],\s{{0,4}})?"""
    return (
        Pattern(rf"""{apart}["'](?:{_VALUE_KEYS})["']:\s{{0,4}}b?["'])[^"'\\]+"""),
        # Items of a list: the one behind the name, and another one if that was a word, such as `Bearer`.
        Pattern(
            rf"""({name}["']\)?,\s{{0,4}}b?["'])"""
            rf"""(?:[A-Za-z]{{1,12}}["'],\s{{0,4}}b?["'][^"'\\]*[0-9][^"'\\]*|[^"'\\]+(?!["']\s{{0,4}}:)(?=["'\\]|$))"""
        ),
        Pattern(rf'({given}{made}"{{1,3}})(?:[^"\\]|\\.)+'),
        Pattern(rf"({given}{made}'{{1,3}})(?:[^'\\]|\\.)+"),
        Pattern(rf"({given}%22)[^%\s]+"),
        Pattern(rf"""({given}\\{{1,4}}["'])[^"'\\]+"""),
        # YAML: blocks, up to a line that is not indented, and what has a tag.
        Pattern(rf"""({given})[|>][+-]?[0-9]?[ \t]*(?:\r?\n[ \t]+[^\r\n]+)+"""),
        Pattern(rf"""({given})[!&][\w:/!.-]{{0,40}}[ \t]{{1,4}}[^\s"'\\,;()\[\]{{}}<>]+"""),
        # Numbers are no secrets.
        Pattern(
            rf"""({given}[({{<]?)"""
            r"""[0-9.]*[^\s"'\\&,;()\[\]{}<>0-9.:=][^\s"'\\&,;()\[\]{}<>]*"""
        ),
    )
