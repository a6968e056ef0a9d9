"""How secrets look in lines of shells, where the command says which argument is one. Pure.

Written as `patterns.py` has it. What stands before a secret is followed for a line's beginning at most.
"""

from typing import Final

from runtime.redaction.pattern import Pattern

#: An argument; one in quotes is taken whole.
ARGUMENT: Final = r"""(?:"[^"]*"?|'[^']*'?|[^\s"'-][^\s"']*)"""

#: Commands to whom an option of one letter gives a password.
ONE_LETTER: Final = {
    "-p": (
        *("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport", "cqlsh", "twine"),
        *("psexec", "evil-winrm", "crackmapexec", "netexec", "nxc"),
    ),
    "-P": ("sqlcmd", "bcp", "zip", "unzip"),
    "-w": ("ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldapwhoami"),
}

#: Commands to which a user is given with a password behind a percent sign.
SAMBA: Final = ("smbclient", "smbget", "smbtree", "rpcclient", "winexe")

#: Words that give a value to a name without a sign between them; the first behind those of `CONFIGURING` alone.
SETTERS: Final = ("set", "setx", "setenv")
CONFIGURING: Final = ("config", "configure")

#: An option of Windows that has its value behind a colon; properties of builds (`/p:Name=Value`) are none.
SLASH_OPTION: Final = r"/(?i:p|pw|pwd|pass):"
_SLASH_SIGNS: Final = ("/p:", "/pw:", "/pwd:", "/pass:")

_SOME: Final = r"(?:[^\r\n]{0,160}[ \t])?"
_WORD: Final = r"[ \t]{1,4}[^\s]{1,128}"
_OPTIONS: Final = 3 * r"(?:--?[A-Za-z][A-Za-z-]{0,32}[ \t]{1,4})?"
_NAME: Final = (
    r"""["']?[^\s"'=]{0,80}?(?i:[_:.-]auth|authident|password|passwd|passphrase|token|secret|requirepass|masterauth"""
    r"""|(?:api|access|secret|private|signing|encryption)[_-]?key)["']?"""
)


def _one_letter(option: str, commands: tuple[str, ...]) -> Pattern:
    signs = [f"{name}{end}" for name in commands for end in ((" ", "\t", ".exe") if name == "zip" else ("",))]
    shortest = tuple(one for one in signs if not any(other != one and one.startswith(other) for other in signs))
    return Pattern(rf"(\b(?:{'|'.join(commands)})(?:\.exe)?[ \t]{_SOME}{option}[ \t]{{1,4}}){ARGUMENT}", shortest)


LINES: Final = (
    *(_one_letter(option, commands) for option, commands in ONE_LETTER.items()),
    Pattern(
        rf"(\b(?:(?i:config(?:ure)?[ \t]{{1,4}}set)|setx|setenv)[ \t]{{1,4}}{_OPTIONS}{_NAME}[ \t=]{{1,4}}){ARGUMENT}",
        ("config ", "config\t", "configure ", "configure\t", "setx", "setenv"),
    ),
    Pattern(rf"(\bconfig[ \t]{{1,4}}{_OPTIONS}pypi-token\.[^\s=]{{1,64}}[ \t]{{1,4}}){ARGUMENT}", ("pypi-token.",)),
    Pattern(
        rf"(\bconfig[ \t]{{1,4}}{_OPTIONS}http-basic\.[^\s=]{{1,64}}[ \t]{{1,4}}[^\s]{{1,64}}[ \t]{{1,4}}){ARGUMENT}",
        ("http-basic.",),
    ),
    # In `.npmrc` and the like.
    Pattern(r"""((?:^|[\s:])["']?_auth["']?[ \t]{0,4}=[ \t]{0,4}["']?)[^\s"',;()]{6,}""", ("_auth",)),
    Pattern(rf"""((?:^|[\s"']){SLASH_OPTION}["']?)[0-9]*[^\s"'=0-9][^\s"'=]*([\s"']|$)""", _SLASH_SIGNS, r"\2"),
    Pattern(
        rf"((?:^|\s)--?(?:store|key|src|dest)?(?i:pass|otp|jwt)[ \t=]{{1,4}}){ARGUMENT}",
        ("pass ", "pass\t", "pass=", "-otp", "-jwt"),
    ),
    Pattern(r"""(\s-pass(?:in|out)?[ \t]{1,4}["']?pass:)[^\s"']+""", ("pass:",)),
    Pattern(rf"(\blogin[ \t]{_SOME}-p[ \t]{{1,4}}){ARGUMENT}", ("login",)),
    # A key, and not how it went.
    Pattern(
        r"(\b(?:cargo|vault|wandb)[ \t]{1,4}login[ \t]{1,4})[A-Za-z._-]{0,64}[0-9][^\s\"']{3,}",
        ("login",),
    ),
    Pattern(
        r"""(\bcurl[ \t](?:[^\r\n]{0,160}[ \t])?(?:-b|--cookie)[ \t=]{0,4})"""
        r"""(?:"[^"=]*=[^"]*"?|'[^'=]*=[^']*'?|[^\s"'=-]{1,64}=[^\s"']+)""",
        ("curl",),
    ),
    Pattern(
        r"""(\bhttps?[ \t](?:[^\r\n]{0,160}[ \t])?(?:-a|--auth)[ \t=]{1,4}["']?[^\s"':]{1,64}:)[^\s"']+""",
        ("-a ", "-a=", "--auth"),
    ),
    # Redis: a command, and a line of its file, or of LDAP's.
    Pattern(r"((?i:\bacl[ \t]{1,4}setuser)[ \t][^\r\n>]{0,160}>)[^\s\"']+", ("setuser",)),
    Pattern(
        r"((?:^|\n)[ \t]{0,16}(?:requirepass|masterauth|bindpw|rootpw)[ \t]{1,4})[^\s]+([ \t]{0,16}(?:\r?\n|$))",
        ("requirepass", "masterauth", "bindpw", "rootpw"),
        r"\2",
    ),
    # Samba, Oracle, Apache, PowerShell.
    Pattern(
        rf"""(\b(?:{"|".join(SAMBA)})[ \t]{_SOME}(?:-U|--user)[ \t=]{{0,4}}["']?[^\s"'%]{{1,64}}%)[^\s"']+""",
        ("smb", "rpcclient", "winexe"),
    ),
    Pattern(
        rf"""(\b(?:sqlplus|sqlldr|impdp|expdp)[ \t]{_OPTIONS}["']?[^\s"'/@]{{1,64}}/)[^\s"'/@][^\s"'@]*""",
        ("sqlplus", "sqlldr", "impdp", "expdp"),
    ),
    Pattern(
        rf"(\bhtpasswd[ \t]{{1,4}}-[A-Za-z]{{0,8}}b[A-Za-z]{{0,8}}{_WORD}{_WORD}[ \t]{{1,4}}){ARGUMENT}",
        ("htpasswd",),
    ),
    Pattern(r"""(\bConvertTo-SecureString[ \t]{1,4}(?:-String[ \t]{1,4})?["'])[^"']+""", ("securestring",)),
    Pattern(r"""(\bPSCredential[ \t]{0,4}\(["'][^"']{1,64}["'],\s{0,4}["'])[^"']+""", ("pscredential",)),
)
"""Lines of shells."""
