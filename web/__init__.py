"""The web application: takes a request apart, asks one service, renders. Knows no SQL and no rule of any procedure."""

from pathlib import Path

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_wtf import CSRFProtect

from sop_engine.app import Settings
from sop_engine.services.installation import Installation
from web import (
    admin,
    api,
    cases,
    directory,
    find,
    guard,
    homes,
    layout,
    links,
    me,
    own,
    paper,
    review,
    sign_in,
    sops,
    together,
    worklist,
)
from web.layout.asked import Asked
from web.layout.reader import Languages
from web.layout.sealed import SealedSessions

MOST_BYTES = 1_000_000


def create_app(inst: Installation, settings: Settings) -> Flask:
    """The application for an installation."""
    app = Flask("web", static_folder=None, static_url_path="/static", template_folder=None)
    # Whatever the environment says: what a fault shows to its finder is for no page.
    app.debug = False
    app.request_class = Asked
    app.session_interface = SealedSessions()
    app.config.update(
        SECRET_KEY=(settings.home / "web.key").read_text(),
        SESSION_COOKIE_NAME="__Host-sop-form" if settings.secure_cookies else "sop-form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=5_000,
        TRUSTED_HOSTS=list(settings.hosts),
        WTF_CSRF_TIME_LIMIT=None,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=5,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/json", "application/problem+json"],
        COMPRESS_MIN_SIZE=600,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    app.extensions["installation"] = inst
    app.extensions["address"] = settings.address
    app.extensions["secure_cookies"] = settings.secure_cookies
    guard.watch(app)
    csrf = CSRFProtect(app)
    Bootstrap5(app)
    Languages(app, locale_selector=layout.language)
    Compress(app)
    for room in (
        layout,
        sign_in,
        worklist,
        find,
        cases,
        sops,
        review,
        homes,
        directory,
        links,
        together,
        paper,
        me,
        admin,
        own,
    ):
        app.register_blueprint(room.room)
    api.furnish(app, csrf)
    layout.furnish(app)
    return app
