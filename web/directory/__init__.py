"""The directory: who offers what, where, who has beds; and what each relation to a case allows."""

from flask import Blueprint, render_template, request

from sop_engine.case.decide.referrals import SERVICES
from sop_engine.case.permissions import PERMISSIONS, RELATIONS
from sop_engine.services.offers import offerings
from sop_engine.sop.grammar import CLASSES
from web import here

room = Blueprint("directory", __name__, template_folder="templates", url_prefix="/agencies")


@room.get("/")
def listed() -> str:
    service, district = (request.args.get(name, "") for name in ("service", "district"))
    chosen = service if service in SERVICES else None
    directory = here.installation().directory_now()
    place = district if district in directory.districts else None
    found, directory = offerings(here.installation(), here.account(), chosen, place)
    return render_template(
        "agencies.html", found=found, directory=directory, services=SERVICES, service=chosen, district=place
    )


@room.get("/rights")
def rights() -> str:
    return render_template(
        "rights.html", permissions=PERMISSIONS.values(), relations=RELATIONS, classes=CLASSES,
        directory=here.installation().directory_now(),
    )  # fmt: skip
