"""Tokens that only this program makes: each says for whom it is, by a key that is not in the database.

Whoever writes the database and has no key can neither put in a token that he knows nor make his own serve for others.
"""

import base64
import hmac
import json
import secrets

_MAC = 22


def token_for(guard: bytes, *whom: str) -> str:
    """A new random token for somebody or something."""
    beginning = secrets.token_urlsafe(32)
    return beginning + bound(guard, beginning, *whom)


def is_for(guard: bytes, token: str, *whom: str) -> bool:
    """Whether a token was made here for somebody or something."""
    return hmac.compare_digest(token[-_MAC:].encode(), bound(guard, token[:-_MAC], *whom).encode())


def bound(guard: bytes, *words: str) -> str:
    """A code of 128 bits over some words, in 22 letters."""
    code = hmac.digest(guard, json.dumps(words).encode(), "sha256")[:16]
    return base64.urlsafe_b64encode(code).decode().rstrip("=")
