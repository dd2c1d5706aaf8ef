"""The auditor's pages: the register of homes, and one home with its visits and what became of each finding."""

from flask import Blueprint, render_template

from sop_engine.homes import register
from web import here

room = Blueprint("homes", __name__, template_folder="templates", url_prefix="/homes")


@room.get("/")
def listed() -> str:
    entries, directory = register.register(here.installation(), here.account())
    return render_template("homes.html", entries=entries, directory=directory)


@room.get("/<code>")
def one(code: str) -> str:
    found = register.home(here.installation(), here.account(), code)
    return render_template("home.html", page=found, entry=found.entry, directory=found.directory)
