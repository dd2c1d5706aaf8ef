"""The REST API: the same services as the pages, for programs that bring a token. Knows no cookie and no template."""

from flask import Flask
from flask_smorest import Api
from flask_wtf import CSRFProtect

from web.api import acts, cases, door, files, lists, log, news, paper, reference, steps

GROUPS = (
    cases.group, acts.group, steps.group, files.group, lists.group, news.group, reference.group, paper.group, log.group,
)  # fmt: skip
__all__ = ["furnish"]
ABOUT = (
    "Everything that the pages do, for programs. A token is made on the page *Tokens* and acts as the person who made "
    "it, in no more than its scopes. Every look at a case is written down, as on the pages. What cannot be done is "
    "refused as application/problem+json with the `rule` that refuses, in English and Nepali. An `Idempotency-Key` "
    "makes a request act once; `If-Match` with the `ETag` of a case refuses what rests on an older state. Lists go on "
    "with `cursor`. Times are ISO 8601 in UTC."
)


class _Api(Api):  # type: ignore[misc]
    """The description of the API. What goes wrong is answered at the door, and each answer is described by itself."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def furnish(app: Flask, csrf: CSRFProtect) -> None:
    """Register the API; it needs no token against forged forms, for no browser sends its bearer token by itself."""
    app.config.update(
        API_TITLE="SOP Engine", API_VERSION="v1", OPENAPI_VERSION="3.1.0", OPENAPI_URL_PREFIX=door.ROOT,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={"info": {"description": ABOUT}, "servers": [{"url": "/"}]},
    )  # fmt: skip
    api = _Api(app)
    api.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "A token made on the page Tokens."}
    )
    for group in GROUPS:
        csrf.exempt(group)
        api.register_blueprint(group)
