"""Where a request is, whose it is and where it comes from."""

from ipaddress import ip_address, ip_network
from typing import cast
from urllib.parse import urlsplit

from flask import current_app, g, request, url_for

from sop_engine.services.accounts import Account, Origin, Place
from sop_engine.services.installation import Installation
from web import cookies


def installation() -> Installation:
    """The installation, as the agency of whoever is signed in reads it."""
    whole, account = cast(Installation, current_app.extensions["installation"]), g.get("account")
    if account is None:
        return whole
    if "scoped" not in g:
        g.scoped = whole.for_agency(account.agency)
    return cast(Installation, g.scoped)


def account() -> Account:
    """Who is signed in; only pages behind the door ask."""
    return cast(Account, g.account)


def site() -> str:
    """The name by which this site was asked, without its port."""
    return request.host.partition(":")[0]


def place() -> Place:
    """Where passkeys are good: at the address that people type, else the one that was asked."""
    found = urlsplit(current_app.extensions["address"] or request.host_url)
    return Place(found.hostname or "", f"{found.scheme}://{found.netloc}")


def provider() -> str | None:
    """What people call the identity provider through which they may sign in; None where there is none."""
    found = installation().provider
    return found.title if found is not None else None


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
