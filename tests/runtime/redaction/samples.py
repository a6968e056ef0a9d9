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
    "ours": "causeline_" + "0123456789ab_Ab3dEf6hIj9lMn2pQr5tUv8xYz1Bc4eFg7iJk0mNo3qR5",
    "vault": "hvs." + "CAESIAb3dEf6hIj9lMn2pQr5tUv8x",
    "grafana": "glsa_" + "Ab3dEf6hIj9lMn2pQr5tUv8x_0a1b2c3d",
    "telegram": "123456789:AA" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1Bc4eFg",
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
    f"{{'headers': [(b'authorization', b'Token {SECRET}')], 'n': 1}}",
    f'[["x-api-key", "{SECRET}"], ["accept", "*/*"]]',
    f'{{"env": [{{"value": "{SECRET}", "name": "DB_PASSWORD"}}]}}',
    f'{{"key": "password", "value": {{"stringValue": "{SECRET}"}}}}',
    f"Settings(password=SecretStr('{SECRET}'), n=1)",
    f'password = """{SECRET}"""',
    f"password2 := {SECRET}",
    f"password  :          {SECRET}",
    f"worker --redis-password {SECRET} --max-tokens 5",
    f"<db:password>{SECRET}</db:password>",
    f"GET /login?next=%2Fcb%3Faccess_token%3D{SECRET}",
    f"state=%7B%22clientSecret%22%3A%20%22{SECRET}%22%7D",
    f'Authorization: Digest username="ada", response="{SECRET}"',
    f"https://{SECRET}{SECRET}@git.example/shop.git",
    f"https://blob.example/x?sv=1&sig={SECRET}&se=2",
    f"https://hooks.slack.com/services/T0/B0/{SECRET}",
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
    '["token", "word", "letter"]',
    '{"name": "secret.name", "value": "shop"}',
    "--max-tokens 100 --token-limit many",
    "https://user@host.example/path, sig=5",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
)
