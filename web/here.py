"""Where a request is and whose it is: the installation, the account that is signed in, the name of the cookie."""

from typing import cast

from flask import current_app, g, url_for

from sop_engine.services.accounts import Account
from sop_engine.services.installation import Installation


def installation() -> Installation:
    return cast(Installation, current_app.extensions["installation"])


def account() -> Account:
    """Who is signed in; only pages behind the door ask."""
    return cast(Account, g.account)


def cookie_name(of: str = "sop") -> str:
    """The name of a cookie: where it travels encrypted only, browsers hold us to that by how it begins."""
    return f"__Host-{of}" if current_app.extensions["secure_cookies"] else of


def address(endpoint: str, **given: str) -> str:
    """The whole address of a page, with the name by which this site was asked."""
    return url_for(endpoint, _external=True, **given)
