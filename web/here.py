"""Where a request is, whose it is and where it comes from."""

from ipaddress import ip_address, ip_network
from typing import cast

from flask import current_app, g, request, url_for

from sop_engine.services.accounts import Account, Origin
from sop_engine.services.installation import Installation
from web import cookies


def installation() -> Installation:
    return cast(Installation, current_app.extensions["installation"])


def account() -> Account:
    """Who is signed in; only pages behind the door ask."""
    return cast(Account, g.account)


def site() -> str:
    """The name by which this site was asked, without its port."""
    return request.host.partition(":")[0]


def origin() -> Origin:
    """Where a try to sign in comes from. An address of this machine itself tells nothing: it is that of a proxy."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        address = None
    agent = request.headers.get("User-Agent", "")
    if address is None or address.is_loopback:
        return Origin(None, cookies.device_token(), agent)
    # Whoever has one IPv6 address has all of its network.
    network = ip_network((address, 64), strict=False) if address.version == 6 else address
    return Origin(str(network), cookies.device_token(), agent)


def address(endpoint: str, **given: str) -> str:
    """The whole address of a page, with the name by which this site was asked."""
    return url_for(endpoint, _external=True, **given)
