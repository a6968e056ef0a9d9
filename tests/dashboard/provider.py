"""A provider of sign-ins (OpenID Connect), as small as it can be: whoever comes is who it is told to say."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider:
    """Serves on loopback until it is closed.

    Attributes:
        claims: what it says of whoever signs in next.
        url: its address.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.asked: dict[str, str] = {}
        handler = type("Handler", (_Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()

    def token(self) -> str:
        """What it says, signed."""
        now = int(time.time())
        said = {"iss": self.url, "aud": self.asked["client_id"], "iat": now, "exp": now + 600, **self.claims}
        return jwt.encode({"alg": "RS256", "kid": "1"}, {**said, "nonce": self.asked.get("nonce")}, self.key)

    def described(self) -> dict[str, Any]:
        """What there is, and where (OpenID Connect Discovery)."""
        places = {f"{name}_endpoint": f"{self.url}/{name}" for name in ("authorization", "token", "userinfo")}
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **places,
        }


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/authorization":
            self.provider.asked = dict(parse_qsl(address.query))
            answer = urlencode({"code": "1", "state": self.provider.asked["state"]})
            self.send_response(302)
            self.send_header("location", f"{self.provider.asked['redirect_uri']}?{answer}")
            self.end_headers()
        elif address.path == "/jwks":
            self._answer({"keys": [self.provider.key.as_dict(private=False)]})
        else:
            self._answer(self.provider.described())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer({"access_token": "1", "token_type": "Bearer", "id_token": self.provider.token()})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its base's word
        """Says nothing."""

    def _answer(self, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
