"""Secrets, made up, and what is none. Keys are put together here, because scanners of code look for them, too."""

import json
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

#: Texts of other looks that hold `SECRET`: arguments of commands, forms, statements, tails of what has no quotes.
OTHER_TEXTS: Final = (
    *(f'["app", "--password", "{SECRET}"]', f'{{"process.command_args": ["app", "--api-key", "{SECRET}", "x"]}}'),
    *(f'["curl", "-u", "admin:{SECRET}"]', f'["sshpass", "-p", "{SECRET}", "ssh"]', f'["mysql", "-p{SECRET}"]'),
    *(f'["/usr/bin/curl", "--user", "admin:{SECRET}"]', f'["app", "-token", "{SECRET}"]'),
    *(
        f'{{"{key}": "{SECRET}"}}'
        for key in ("accesstoken", "authtoken", "refreshtoken", "clientsecret", "userpassword")
    ),
    *(f'{{"{key}": "{SECRET}"}}' for key in ("dbpassword", "sessiontoken", "bearertoken", "idtoken", "JSESSIONID")),
    *(f'{{"{key}": "{SECRET}"}}' for key in ("sessionid", "auth", "x-auth", "pass", "otp", "cvv", "client_assertion")),
    *(
        f"pass={SECRET}",
        f"auth: {SECRET}",
        f"GET /a?otp={SECRET}&b=1",
        f"JSESSIONID={SECRET}",
        f"{{'auth': '{SECRET}'}}",
    ),
    *(f"curl -u admin:{SECRET} https://x", f"ALTER USER a WITH PASSWORD '{SECRET}'", f"IDENTIFIED BY '{SECRET}'"),
    *(f"sshpass -p {SECRET} ssh x", f"mysql -uroot -p{SECRET}", f"app -token {SECRET}", f"app -password {SECRET}"),
    f"machine x login y password {SECRET}",
    f'Content-Disposition: form-data; name="password"\r\n\r\n{SECRET}\r\n--x',
    f'<add key="password" value="{SECRET}"/>',
    *(f'{{"Name": "X-Api-Key", "Value": "{SECRET}"}}', f'[{{"KEY": "password", "VALUE": "{SECRET}"}}]'),
    *(f'{{"variable": "API_KEY", "value": "{SECRET}"}}', f'{{"id": "password", "value": "{SECRET}"}}'),
    f'{{"auths": {{"registry": {{"auth": "{SECRET}"}}}}}}',
    *(f"password=ab,{SECRET}", f"password: ab;{SECRET}", f"password=a&{SECRET}", f"password: a({SECRET}"),
    *(f'curl -d "password=ab cd {SECRET}" x', f"say 'db-password: ab cd {SECRET}'"),
    f"https://api.telegram.org/{KEYS['telegram'].replace('123456789', 'bot123456789')}/{KEYS['telegram']}?token={SECRET}",  # noqa: E501 one text
    f"mysql://root:p/{SECRET}@db",
    # Told in words, and behind their names in lists.
    *(f"PASSWORD ab {SECRET}", f"the password is {SECRET}, use it", f"API key {SECRET}", f"api_key -> {SECRET}"),
    *(f"X-Api-Key\t{SECRET}", f'passphrase "{SECRET}"', f"CONFIG SET requirepass {SECRET}"),
    *(
        f'["Authorization", "Bearer", "{SECRET}"]',
        f"('Authorization', 'Bearer', '{SECRET}')",
        f'["x-api-key", "str", "{SECRET}"]',
    ),
    *(
        f'["Host", "h", "Authorization", "Basic", "{SECRET}"]',
        f'{{"rawHeaders": ["Host", "h", "Cookie", "a={SECRET}"]}}',
    ),
    *(f'["PASSWORD", "ab", "{SECRET}"]', f'["AUTH", "default", "{SECRET}"]', f'["-u", "ada:{SECRET}"]'),
    *(f"-u ada:{SECRET}", f"curl -uada:{SECRET} x", f"mysql -p{SECRET} db", f"['curl', '-u', 'ada:{SECRET}']"),
    *(f"redis-cli -a {SECRET} ping", f'["redis-cli", "-a", "{SECRET}"]', f'["curl", "-uada:{SECRET}"]'),
    *(f"docker login -u ada -p {SECRET}", f'["docker", "login", "-p", "{SECRET}"]'),
    *(f"{{'name': 'X-Api-Key', 'value': '{SECRET}'}}", f"{{'key': 'password', 'is': 'x', 'val': '{SECRET}'}}"),
    f"{{'password': {{'value': '{SECRET}'}}}}",
    # Documents.
    *(f"user: ada\npassword: |\n  ab\n  {SECRET}\nn: 1", f"token: >-\n  {SECRET}", f"password: !vault {SECRET}"),
    *(f'<password type="x">{SECRET}</password>', f'<input type="password" size="9" value="{SECRET}">'),
    *(f'<input value="{SECRET}" type="password">', f'<meta name="csrf-token" content="{SECRET}">'),
    *(f"user:{SECRET}@tcp(h:3306)/db", f"jdbc:oracle:thin:ada/{SECRET}@h", f"base dc=x\nbindpw {SECRET}"),
    *(f"https://x.webhook.office.com/webhookb2/{SECRET}", f"https://hooks.zapier.com/hooks/catch/1/{SECRET}"),
    *(f"client-key-data: {SECRET}", f'{{"code_verifier": "{SECRET}"}}', f"SAMLResponse={SECRET}&x=1"),
)

#: Arguments of commands.
ARGUMENTS: Final = (
    ["npm", "config", "set", "//r/:_authToken", SECRET],
    ["setx", "API_KEY", SECRET],
    ["keytool", "-storepass", SECRET],
    ["C:/x/sqlcmd.exe", "-P", SECRET],
    ["xfreerdp", "/u:ada", f"/p:{SECRET}"],
    ["az", "login", "-p", SECRET],
    ["npm", "publish", "--otp", SECRET],
    ["curl", "--cookie", f"sid={SECRET}"],
    ["smbclient", "-U", f"ada%{SECRET}"],
)

#: Lines of shells, and lists of arguments as JSON and Python write them.
COMMANDS: Final = (
    *(f"npm config set //r/:_authToken {SECRET}", f"yarn config set npmAuthIdent ada:{SECRET}", f'_auth="{SECRET}"'),
    *(f"npm config set //r/:_password={SECRET}", f"aws configure set aws_secret_access_key {SECRET} --profile a"),
    *(f"poetry config pypi-token.pypi {SECRET}", f"composer config -g http-basic.repo ada {SECRET}"),
    *(f"setx API_KEY {SECRET}", f"setenv DB_PASSWORD {SECRET}", f"redis-cli config set requirepass {SECRET}"),
    *(f"net use x: \\\\h\\s /user:ada /p:{SECRET}", f"xfreerdp /u:ada /p:{SECRET} /v:h", f"cmdkey /pass:{SECRET}"),
    *(f"sqlcmd -U sa -P {SECRET}", f"mongosh -u a -p '{SECRET}'", f"ldapsearch -x -w {SECRET}"),
    *(f"az login --service-principal -u a -p {SECRET}", f"cargo login {SECRET}", f"psexec.exe -p {SECRET}"),
    *(
        f"keytool -storepass {SECRET} -list",
        f"curl --pass {SECRET}",
        f"npm publish --otp {SECRET}",
        f"x --jwt={SECRET}",
    ),
    *(f"openssl rsa -passin pass:{SECRET}", f'app --password "two words {SECRET}" run', f"app --token '-{SECRET}'"),
    *(
        f"curl -b 'sid={SECRET}; a=b' x",
        f"curl --cookie sid={SECRET} x",
        f"http -a ada:{SECRET} x",
        f"zip -P {SECRET} a",
    ),
    *(f"smbclient -U 'ada%{SECRET}' //h/s", f"sqlplus ada/{SECRET}@db", f"htpasswd -bc file ada {SECRET}"),
    *(f"ConvertTo-SecureString '{SECRET}' -Force", f"PSCredential('ada', '{SECRET}')", f"New-X -AccessToken {SECRET}"),
    *(f"ACL SETUSER ada on >{SECRET} ~*", f"port 1\nrequirepass {SECRET}\nport 2", f"vault login {SECRET}"),
    *(
        written
        for arguments in ARGUMENTS
        for written in (json.dumps(arguments), f"Command '{arguments}' returned non-zero exit status 1.")
    ),
)

#: Lines of shells, and what looks alike, that hold none.
HARMLESS_COMMANDS: Final = (
    *("msbuild /p:Configuration=Release /p:Platform=x64", "GET /p:8080", "taskkill /pid:1234 /f", "zip -r a.zip b"),
    *("npm config set registry https://r/", "git config user.name Ada", "set token limit 100", "mkdir -p zip/dir"),
    *("login failed for user ada", "vault login failed", "curl -b jar http://x", "sqlplus / as sysdba", "mongo -p"),
    *("pass: 5 of 6 tests", "auth: 3 retries", "--bypass all", "go test --first-pass done", "a -U user%20name"),
    *(
        "self._auth=None",
        "client(_auth=my_auth_object)",
        "redis-cli ACL SETUSER ada on +@all",
        "requirepass is not set",
    ),
    *('["redis-cli", "set", "token", "abc"]', '["msbuild", "/p:Configuration=Release"]', '["docker", "-p", "80:80"]'),
    *("Command '['zip', '-r', 'a', 'b']' returned 1", "['ls', '-w', '80']"),
)

#: Words that hold a name of a secret, or stand where one may, and hide nothing.
OTHER_HARMLESS: Final = (
    '{"author": "Ada", "passenger": "Bob", "compass": "north", "input_tokens": "12", "tokenizer": "bpe", "session.id": "s1"}',  # noqa: E501 one text
    '{"sessionId": "s1", "authority": "shop:80", "session_id": "s1", "passed": "yes", "auth.method": "none"}',
    "author: Ada 5, compass: north 7, passenger=Bob2, bypass: x1, session.id=s1, tokenizer: bpe2",
    *("docker run -u 1000:1000 image", '["docker", "run", "-u", "app:app", "-p", "8080:80"]', "mkdir -p a/b"),
    *('["psql", "-p", "5432", "-token-limit", "many"]', "mysql -h db -P 3306", '["ls", "-u", "a:b"]', "auth: none"),
    *('{"name": "color", "value": "blue"}', '{"Key": "k1", "Value": "v1"}', "https://shop:8080/a/b@c", "token=5,x=6"),
    *(
        "the password is wrong since 20260101T120000Z",
        "the token budget of order S1-00042 is 12000",
        "tokens 1234567890123",
    ),
    *("API key missing in shipment2024", "token for trace 4bf92f3577b34da6a3ce929d0e0e4736", "secret santa 2024"),
    *('["password", "email", "name"]', '["id", "token", "created"]'),
    *('<input type="text" value="Ada">', '<token id="3"/> text', '<a id="token">x</a>', "a:b@tcp"),
    *('["chown", "-u", "staff:www"]', "follow-u a:b", '{"required": ["user", "password", "email", "age"]}'),
)

_L: Final = "Ab3dEf6hIj9lMn2pQr5tUv8xYz1Bc4eFg7iJk0mNo3qR5sTu8wXy2zA4bC6dE8fG0hI"
_H: Final = "0123456789abcdef" * 4

#: Keys of more providers.
OTHER_KEYS: Final = {
    "google oauth": "GOCSPX-" + _L[:28],
    "google refresh": "1//0" + _L[:60],
    "elevenlabs": "sk_" + _H[:48],
    "firecrawl": "fc-" + _H[:32],
    "cerebras": "csk-" + _L[:48],
    "fireworks": "fw_" + _L[:24],
    "bedrock": "ABSK" + _L,
    "atlassian": "ATATT3xFfGF0" + _L[:60],
    "bitbucket": "ATBB" + _L[:32],
    "mailgun": "key-" + _H[:32],
    "twilio": "SK" + _H[:32],
    "square": "EAAA" + _L[:60],
    "discord": "MTA" + _L[:23] + ".G" + _L[:5] + "." + _L[:38],
    "doppler": "dp.pt." + _L[:43],
    "posthog": "phx_" + _L[:43],
    "heroku": "HRKU-" + "01234567-89ab-cdef-0123-456789abcdef",
    "terraform": _L[:14] + ".atlasv1." + _L[:60],
    "azure": _L[:3] + "8Q~" + _L[:34],
    "voyage": "pa-" + _L[:43],
    "brave": "BSA" + _L[:28],
    "airtable": "pat" + _L[:14] + "." + _H,
    "fly": "fm2_" + _L[:60],
    "1password": "ops_eyJ" + _L[:60],
    "vercel": "vcp_" + _L[:40],
    "easypost": "EZAK" + _L[:54],
    "hubspot": "pat-na1-" + "01234567-89ab-cdef-0123-456789abcdef",
    "mapbox": "sk.eyJ" + _L[:60] + "." + _L[:22],
    "contentful": "CFPAT-" + _L[:43],
    "stripe org": "sk_org_" + "live_" + _L[:30],
    "braintree": "access_token$" + "production$" + _L[:16] + "$" + _H[:32],
    "resend": "re_" + _L[:8] + "_" + _L[:24],
    "planetscale": "pscale_tkn_" + _L[:43],
    "neon": "napi_" + _L[:60],
    "buildkite": "bkua_" + _L[:40],
    "render": "rnd_" + _L[:32],
    "modal": "ak-" + _L[:22],
    "modal secret": "as-" + _L[:22],
    "e2b": "e2b_" + _H[:40],
    "logfire": "pylf_v1_us_" + _L[:43],
    "anyscale": "esecret_" + _L[:26],
}
