"""An identity provider (OpenID Connect): where it lets people sign in, and who it says they are. Knows no account.

Authorization code with PKCE. It is asked over https only, but on this machine; it leads nowhere else (no redirect is
followed), and what it says counts only with its signature, for this program, now, and in answer to what was asked.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

HERE = ("localhost", "127.0.0.1", "::1")
ALGORITHMS = ("RS256", "ES256", "PS256")
SECONDS, MOST_BYTES = 10, 500_000
KNOWN_FOR, CLOCKS_DIFFER = timedelta(hours=1), timedelta(minutes=1)
# How providers say that they asked for two factors: a word of RFC 8176, and classes of assurance.
TWO_FACTORS = "mfa"
STRONG_CLASSES = frozenset(
    {"phr", "phrh", "https://refeds.org/profile/mfa", "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}
)
PLACES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Unreached(Exception):
    """The provider cannot be used now; the message says why and holds nothing that it said."""


class Untrue(Exception):
    """What came is not what the provider says of somebody who signs in here now; the message says in what."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is there, for ever: `subject` is never given again. `strong`: two factors were asked for."""

    issuer: str
    subject: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What belongs to one sign-in, made from a secret of the browser and from `state`, which travels in addresses."""

    state: str
    secret: str
    back: str

    @property
    def nonce(self) -> str:
        return _made("nonce", self.secret, self.state)

    @property
    def verifier(self) -> str:
        return _made("verifier", self.secret, self.state)


@dataclass(slots=True)
class Provider:
    """The provider of the settings: `issuer` is its address, `client` what it calls us, `title` what people call it."""

    issuer: str
    client: str
    secret_file: str
    title: str
    _known: tuple[datetime, dict[str, str]] | None = field(default=None, repr=False)

    def leads_to(self, asked: Asked, now: datetime) -> str:
        """The address at the provider where somebody signs in; raises Unreached."""
        given = {
            "response_type": "code", "client_id": self.client, "redirect_uri": asked.back, "scope": "openid",
            "state": asked.state, "nonce": asked.nonce, "code_challenge_method": "S256",
            "code_challenge": _plain(sha256(asked.verifier.encode()).digest()),
        }  # fmt: skip
        place = self._places(now)["authorization_endpoint"]
        return f"{place}{'&' if urlsplit(place).query else '?'}{urlencode(given)}"

    def identity(self, asked: Asked, code: str, now: datetime) -> Identity:
        """Whom a code stands for; raises Unreached or Untrue. The provider gives it once."""
        places = self._places(now)
        given = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": asked.back,
            "code_verifier": asked.verifier, "client_id": self.client,
        }  # fmt: skip
        token = _fetch(places["token_endpoint"], urlencode(given), self._proof()).get("id_token")
        if not isinstance(token, str):
            raise Untrue("no ID token")
        return self._read(token, _fetch(places["jwks_uri"]), asked.nonce, now)

    def _read(self, token: str, keys: dict[str, Any], nonce: str, now: datetime) -> Identity:
        try:
            said = jwt.decode(token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as problem:
            raise Untrue(f"signature ({type(problem).__name__})") from problem
        ours: list[Any] = said["aud"] if isinstance(said.get("aud"), list) else [said.get("aud")]
        wrong = {
            "issuer": said.get("iss") != self.issuer,
            "audience": self.client not in ours or said.get("azp", self.client) != self.client,
            "authorized party": len(ours) > 1 and "azp" not in said,
            "nonce": said.get("nonce") != nonce,
            "time": not _is_now(said, now),
            "subject": not (isinstance(said.get("sub"), str) and 0 < len(said["sub"]) <= 255),
        }
        for what, is_so in wrong.items():
            if is_so:
                raise Untrue(what)
        return Identity(self.issuer, said["sub"], _is_strong(said))

    def _places(self, now: datetime) -> dict[str, str]:
        """Where what is, as the provider itself says; asked for once an hour."""
        if self._known is not None and now - self._known[0] < KNOWN_FOR:
            return self._known[1]
        said = _fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if said.get("issuer") != self.issuer:
            raise Unreached("it calls itself otherwise")
        places = {name: str(said.get(name, "")) for name in PLACES}
        if not all(is_safe(place) for place in places.values()):
            raise Unreached("it names a place that is not reached by https")
        self._known = (now, places)
        return places

    def _proof(self) -> str:
        """How we show who we are: name and secret, or nothing where the provider gave none."""
        if not self.secret_file:
            return ""
        try:
            secret = Path(self.secret_file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as problem:
            raise Unreached("oidc_secret_file cannot be read") from problem
        pair = f"{quote(self.client, safe='')}:{quote(secret, safe='')}"
        return f"Basic {b64encode(pair.encode()).decode()}"


def faults(provider: Provider) -> list[str]:
    """What is wrong with the settings of the provider, without asking it: a sentence each."""
    wrong = {
        "oidc_issuer is not an https address without ? and #": not is_safe(provider.issuer)
        or any(sign in provider.issuer for sign in "?#"),
        "oidc_issuer is set without oidc_client": not provider.client,
        f"oidc_secret_file {provider.secret_file} is not there": bool(provider.secret_file)
        and not Path(provider.secret_file).is_file(),
    }
    return [sentence for sentence, is_so in wrong.items() if is_so]


def is_safe(address: str) -> bool:
    """Whether an address is reached over https, or is on this machine."""
    try:
        found = urlsplit(address)
        return bool(found.hostname) and (
            found.scheme == "https" or (found.scheme == "http" and found.hostname in HERE and found.port is not None)
        )
    except ValueError:
        return False


def _is_now(said: dict[str, Any], now: datetime) -> bool:
    """Whether a token is neither over nor of a later time; it says until when it is good and when it was made."""
    late, early = (now - CLOCKS_DIFFER).timestamp(), (now + CLOCKS_DIFFER).timestamp()
    until, made, since = said.get("exp"), said.get("iat"), said.get("nbf", said.get("iat"))
    if not (isinstance(until, int | float) and isinstance(made, int | float) and isinstance(since, int | float)):
        return False
    return until > late and made < early and since < early


def _is_strong(said: dict[str, Any]) -> bool:
    methods: list[Any] = said["amr"] if isinstance(said.get("amr"), list) else []
    return TWO_FACTORS in methods or str(said.get("acr")) in STRONG_CLASSES


def _fetch(address: str, form: str | None = None, proof: str = "") -> dict[str, Any]:
    """What the provider answers, as JSON; a form is sent where there is one. Raises Unreached, or Untrue for a 4xx."""
    place = urlsplit(address)
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    headers = {"Accept": "application/json", **({"Authorization": proof} if proof else {})}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = kind(place.hostname or "", place.port, timeout=SECONDS)
    try:
        path = f"{place.path or '/'}{'?' + place.query if place.query else ''}"
        connection.request("POST" if form is not None else "GET", path, form, headers)
        answer = connection.getresponse()
        whole = answer.read(MOST_BYTES + 1)
    except (OSError, HTTPException) as problem:
        raise Unreached(type(problem).__name__) from problem
    finally:
        connection.close()
    if form is not None and 400 <= answer.status < 500:
        raise Untrue(f"the code was not taken ({answer.status})")
    if answer.status != 200 or len(whole) > MOST_BYTES:
        raise Unreached(f"it answers {answer.status}")
    return _object(whole)


def _object(whole: bytes) -> dict[str, Any]:
    try:
        said = json.loads(whole)
    except (ValueError, RecursionError) as problem:
        raise Unreached("it answers with what is no JSON") from problem
    if not isinstance(said, dict):
        raise Unreached("it answers with another JSON")
    return said


def _made(what: str, secret: str, state: str) -> str:
    return _plain(sha256(f"{what}\0{secret}\0{state}".encode()).digest())


def _plain(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
