"""Devices with passkeys: one in Python, which also answers as no device should, and one inside a real Chromium."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from playwright.sync_api import CDPSession, Page

ORIGIN, HOST = "http://localhost", "localhost"
PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def text(plain: bytes) -> str:
    """Bytes as base64url without filling."""
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


@dataclass(slots=True)
class Device:
    """A device with one passkey. `count` is what it says next of how often it was used."""

    count: int = 1
    origin: str = ORIGIN
    host: str = HOST
    flags: int = PRESENT | VERIFIED
    owner: str = ""
    called: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def made(self, asked: str) -> str:
        """The answer to what a server asks for to make a passkey."""
        options = json.loads(asked)
        self.owner = options["user"]["id"]
        place = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: place.x.to_bytes(32, "big"), -3: place.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.called).to_bytes(2, "big") + self.called + public
        whole = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(self.flags | ATTESTED) + attested})
        return self._answer(clientDataJSON=self._client("webauthn.create", options), attestationObject=whole)

    def used(self, asked: str) -> str:
        """The answer to what a server asks for to use it."""
        client, data = self._client("webauthn.get", json.loads(asked)), self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        owner = urlsafe_b64decode(self.owner + "==")
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=owner)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + (self.count - 1).to_bytes(4, "big")

    def _answer(self, **response: bytes) -> str:
        called = text(self.called)
        parts = {name: text(part) for name, part in response.items()}
        return json.dumps({"id": called, "rawId": called, "type": "public-key", "response": parts})


@dataclass(frozen=True, slots=True)
class Authenticator:
    """A device inside Chromium, for one page."""

    session: CDPSession
    id: str

    def passkeys(self) -> list[dict[str, Any]]:
        """What it keeps, private keys too: enough to put a copy into another."""
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def copy(self, passkey: dict[str, Any]) -> None:
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": passkey})

    def knows_its_owner(self, knows: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": knows})


def authenticator(page: Page) -> Authenticator:
    """Put a device into a page's browser, which verifies its owner at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    return Authenticator(session, made["authenticatorId"])
