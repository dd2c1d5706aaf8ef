"""A real identity provider on a free port of this machine: it signs with a key of its own, and gives each code once."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from sop_engine.demo.clock import SetClock
from sop_engine.services.identity_provider import Provider

CLIENT, SECRET = "sop-engine", "a secret: with / and ="


@dataclass(slots=True)
class Ministry:
    """What the provider does: who signs in there, what it says besides or otherwise, how it signs; and what it saw."""

    clock: SetClock
    address: str = ""
    subject: str = "officer-17"
    says: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signs_with: Any = None
    places: dict[str, str] = field(default_factory=dict)
    tokens: int = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    rsa: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=True))
    curve: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "two"}, auto_kid=True))

    def settings(self, secret_file: str = "") -> Provider:
        return Provider(self.address, CLIENT, secret_file, "The ministry")

    def known(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        there = {name: self.address + path for name, path in places.items()}
        return {"issuer": self.address, **there, **self.places}

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.rsa.as_dict(private=False), self.curve.as_dict(private=False)]}

    def lets_in(self, asked: dict[str, str]) -> str:
        """Somebody signs in there: where her browser is led to."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.address})}"

    def token(self, form: dict[str, str], proof: str) -> dict[str, Any] | None:
        """What a code is worth; None where it was used, or where it is not who asked that brings it."""
        self.tokens += 1
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = _plain(digest)
        right = base64.b64encode(f"{CLIENT}:a%20secret%3A%20with%20%2F%20and%20%3D".encode()).decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return None
        if proof not in ("", f"Basic {right}"):
            return None
        return {"token_type": "Bearer", "access_token": "x", "id_token": self._signed(asked["nonce"])}

    def _signed(self, nonce: str) -> str:
        now = int(self.clock().timestamp())
        about = {"iss": self.address, "aud": CLIENT, "sub": self.subject, "nonce": nonce, "iat": now, "exp": now + 300}
        claims = {name: value for name, value in {**about, **self.says}.items() if value is not None}
        if self.algorithm in ("none", "HS256"):
            return self._forged(claims)
        own = self.curve if self.algorithm == "ES256" else self.rsa
        key = self.signs_with or own
        header = {"alg": self.algorithm, "kid": own.kid}
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def _forged(self, claims: dict[str, Any]) -> str:
        """Unsigned, or signed with the public key as a secret: whoever believes a token's own word falls."""
        header = {"alg": self.algorithm, "kid": self.rsa.kid}
        text = ".".join(_plain(json.dumps(part).encode()) for part in (header, claims))
        mark = (
            hmac.digest(self.rsa.as_pem(private=False), text.encode(), "sha256") if self.algorithm == "HS256" else b""
        )
        return f"{text}.{_plain(mark)}"


def _plain(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


@contextmanager
def ministry(clock: SetClock) -> Iterator[Ministry]:
    """Yield a provider that answers, and end it afterwards."""
    about = Ministry(clock)

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            if place.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(place.query).items()}
                self.send_response(302)
                self.send_header("Location", about.lets_in(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._say(200, about.keys() if place.path == "/keys" else about.known())

        def do_POST(self) -> None:
            whole = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(whole).items()}
            found = about.token(form, self.headers.get("Authorization", ""))
            self._say(400 if found is None else 200, found or {"error": "invalid_grant"})

        def _say(self, status: int, said: dict[str, Any]) -> None:
            whole = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, *said: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    about.address = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield about
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
