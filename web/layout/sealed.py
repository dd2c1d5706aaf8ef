"""What a browser keeps for us: readable by nobody but this server. Knows nothing of cases."""

import base64
import hashlib
import json
from typing import Any, cast

from cryptography.fernet import Fernet, InvalidToken
from flask import Flask, current_app
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

DAY = 24 * 3600
# What is sealed for one purpose opens for no other: a browser holds both.
FORM, COOKIE = b"form", b"cookie"


def seal(value: dict[str, Any]) -> str:
    """A value as sealed text, to be sent along in a form."""
    return _box(current_app, FORM).encrypt(json.dumps(value).encode()).decode()


def unseal(text: str) -> dict[str, Any] | None:
    """The value of a sealed text; None where we did not seal it, or sealed it more than a day ago."""
    try:
        found = json.loads(_box(current_app, FORM).decrypt(text.encode(), ttl=DAY))
    except InvalidToken:
        return None
    return found if isinstance(found, dict) else None


class SealedSessions(SecureCookieSessionInterface):
    """Flask's own session: the CSRF token and sentences for the next page.

    Flask signs it only, and whoever holds the device could read in it what was done to which case; here it is closed.
    """

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        return cast(URLSafeTimedSerializer, _Sealer(_box(app, COOKIE)))


class _Sealer:
    """The two methods of a serializer that Flask's session uses."""

    def __init__(self, box: Fernet) -> None:
        self._box = box
        self._tagged = TaggedJSONSerializer()

    def dumps(self, value: Any) -> str:
        return self._box.encrypt(self._tagged.dumps(value).encode()).decode()

    def loads(self, text: str, max_age: int | None = None) -> Any:
        try:
            return self._tagged.loads(self._box.decrypt(text.encode(), ttl=max_age).decode())
        except InvalidToken as problem:
            raise BadSignature("not sealed here") from problem


def _box(app: Flask, purpose: bytes) -> Fernet:
    digest = hashlib.sha256(b"sealed\0" + purpose + b"\0" + str(app.config["SECRET_KEY"]).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
