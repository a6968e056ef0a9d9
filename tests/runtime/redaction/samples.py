"""Secrets, made up, and what is none. Keys are put together here, because scanners of code look for them, too."""

from typing import Final

#: What no test may find again.
SECRET: Final = "hunter2Xq9"  # noqa: S105 it opens nothing

#: Keys of providers by kind: all that is seen of them must go.
KEYS: Final = {
    "openai": "sk-" + "proj-Ab3dEf6hIj9lMn2pQr5t",
    "anthropic": "sk-" + "ant-api03-Ab3dEf6hIj9lMn2p",
    "stripe": "sk_" + "live_Ab3dEf6hIj9lMn2pQr5t",
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1B",
    "github fine": "github_pat_" + "11AAAAAAA0Ab3dEf6hIj9l_Mn2pQr5t",
    "gitlab": "glpat-" + "Ab3dEf6hIj9lMn2pQr5t",
    "slack": "xoxb-" + "123456789012-Ab3dEf6hIj9l",
    "google": "AIza" + "SyAb3dEf6hIj9lMn2pQr5tUv8xYz1Bc4e",
    "hugging face": "hf_" + "Ab3dEf6hIj9lMn2pQr5tUv8x",
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.Ab3dEf6hIj9l",
}
PRIVATE_KEY: Final = (
    "-----BEGIN RSA " + "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE+/hunter2Xq9==\n-----END RSA PRIVATE KEY-----"
)

#: Texts that hold `SECRET`.
TEXTS: Final = (
    f"login failed for password={SECRET}",
    f"redis://:p@{SECRET}@cache:6379/0",
    f"postgresql://ada:{SECRET}@db/shop failed",
    f"Authorization: Bearer {SECRET}.abc",
    f"authorization: Token {SECRET}",
    f"Cookie: session={SECRET}; theme=dark",
    f"{{'api_key': '{SECRET} two', 'n': 1}}",
    f'POST {{"clientSecret": "a \\" {SECRET}"}} was refused',
    f'{{"body": "{{\\"password\\": \\"{SECRET}\\"}}"}}',
    f'said {{\\"password\\": \\"{SECRET}\\"}} and more',
    f'{{"pass\\u0077ord": "{SECRET}"}}',
    f'{{"password": ["{SECRET}", {{"x": "{SECRET}"}}], "password": 5}}',
    f"GET /orders?access_token={SECRET}&page=2",
    f'curl -H "X-Api-Key: {SECRET}"',
    f'client = Client(api_key="{SECRET}")',
    f'{{"password": "cut off {SECRET}',
    f"bearer {SECRET}",
    PRIVATE_KEY,
)

#: What stays as it is.
HARMLESS: Final = (
    "max_tokens=100 token_count=5 token=5",
    "Basic Authentication needs a basic understanding",
    "the bearer of bad news had a token in his hand",
    '{"usage": {"input_tokens": 12, "token": 5, "has_password": true}}',
    '{"price": 1.50,  "n": 1e2}',
    "https://shop.example:8443/orders?page=2",
    "see scikit sk-learn, task-force-of-many-people",
    "01931f6e-7b1c-7000-8000-00000000abcd",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
)
