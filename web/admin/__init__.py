"""Administration of agencies, people and roles: pages for those who look after them. Opens no case to anybody."""

from flask import Blueprint

room = Blueprint("admin", __name__, template_folder="templates", url_prefix="/admin")

from web.admin import agencies, people, record  # noqa: E402

__all__ = ["agencies", "people", "record", "room"]
