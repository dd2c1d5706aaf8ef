"""What there is and how it goes: services, procedures, figures for who reviews, homes for who audits."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response
from marshmallow import RAISE, Schema, ValidationError, fields, validates_schema

from sop_engine.case.permissions import PERMISSIONS
from sop_engine.compliance.review import Review, review
from sop_engine.homes import register
from sop_engine.homes.narrowing import HomesWanted, LacksWanted, lacks_page
from sop_engine.services import sops
from sop_engine.services.offers import offerings
from sop_engine.sop.diagram import diagram
from sop_engine.sop.procedure import Procedure
from web import here
from web.api.cursor import Paged, cursor_of, position_of
from web.api.group import Group
from web.api.list_shapes import Listed, Version
from web.api.plain import plain
from web.api.shapes import CODE
from web.api.taken import code
from web.layout.times import ZONE

group = Group("reference", "What there is, and how it goes.")


class Services(Schema):
    class Meta:
        unknown = RAISE

    service, district = code(), code()


@group.operation("GET", "/agencies", "read", query=Services, gives=Listed)
def agencies(asked: dict[str, Any]) -> Any:
    """Who offers which services where, and whether there are free beds."""
    found, _ = offerings(here.installation(), here.account(), asked.get("service"), asked.get("district"))
    return {
        "items": [
            {
                "code": one.agency.code, "title": plain(one.agency.title), "kind": one.agency.kind,
                "district": one.agency.district, "services": list(one.services), "room": one.room,
                "acts_here": one.agency.acts_here,
            }
            for one in found
        ]
    }  # fmt: skip


@group.operation("GET", "/permissions", "read", gives=Listed)
def permissions() -> Any:
    """What each relation of an agency to a case allows, and whether of all of it or of its own."""
    return {
        "items": [
            {
                "name": name,
                "title": plain(one.title),
                "relations": {relation: how.value for relation, how in one.by.items()},
            }
            for name, one in PERMISSIONS.items()
        ]
    }


@group.operation("GET", "/procedures", "read", gives=Listed)
def procedures() -> Any:
    """The procedures in force."""
    found = sops.in_force(here.installation())
    return {"items": [{"name": one.name, "version": one.version, "title": plain(one.sop.title)} for one in found]}


@group.operation("GET", "/procedures/<name>", "read", gives=Version)
def procedure(name: str) -> Any:
    """A procedure: its stages with their ways, and its steps."""
    found, _ = sops.one(here.installation(), name)
    sop = found.sop
    return {
        "name": found.name, "version": found.version, "title": sop.title, "about": str(sop.about),
        "standing": str(sop.standing),
        "stages": [_stage(found, str(code)) for code in sop.stages],
        "steps": [
            {"name": str(code), "title": plain(step.title), "stage": str(stage) if stage is not None else None}
            for code, (stage, step) in found.steps.items()
        ],
    }  # fmt: skip


def _stage(found: Procedure, name: str) -> dict[str, Any]:
    stage = found.sop.stages[name]
    return {
        "name": name, "title": plain(stage.title), "agencies": [str(one) for one in stage.accountable.parts()],
        "ways": [
            {"name": str(way), "title": plain(exit_.title), "goes_to": str(exit_.goes_to) if exit_.goes_to else None}
            for way, exit_ in found.sop.exits(name).items()
        ],
    }  # fmt: skip


@group.operation("GET", "/procedures/<name>/diagram", "read", media="image/svg+xml")
def picture(name: str) -> Any:
    """A procedure as a picture."""
    found, directory = sops.one(here.installation(), name)
    return Response(diagram(found, "en", False, directory.kinds), mimetype="image/svg+xml")


class Period(Schema):
    class Meta:
        unknown = RAISE

    sop = code(load_default="rescue-person")
    since = fields.Date(metadata={"description": "the first day; ninety days before the end where it is left out"})
    until = fields.Date(metadata={"description": "the last day; today where it is left out"})

    @validates_schema
    def _in_order(self, asked: dict[str, Any], **_: Any) -> None:
        if "since" in asked and "until" in asked and asked["until"] < asked["since"]:
            raise ValidationError("the end lies before the beginning", "until")


@group.operation("GET", "/figures", "review", query=Period, gives=Listed)
def figures(asked: dict[str, Any]) -> Any:
    """The figures of a procedure over a period, for those who review."""
    found = _review(asked)
    return {
        "items": [
            {"key": key, "label": [plain(one) for one in label], "count": len(items)}
            for key, label, items in found.all()
        ]
    }


@group.operation("GET", "/figures/<key>", "review", query=Period, gives=Listed)
def figure(asked: dict[str, Any], key: str) -> Any:
    """What one figure counts."""
    _, items = _review(asked).counted(key)
    return {"items": [plain(one) for one in items]}


def _review(asked: dict[str, Any]) -> Review:
    inst = here.installation()
    now = inst.clock()
    end = _midnight(asked["until"]) + timedelta(days=1) if "until" in asked else now
    start = _midnight(asked["since"]) if "since" in asked else end - timedelta(days=90)
    return review(inst, here.account(), asked["sop"], start, max(end, start + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(min(max(day, date(1971, 1, 1)), date(2199, 1, 1)), time(), ZONE)


PLACE = "a district by its code, or a province by its English name"


class Homes(Schema):
    class Meta:
        unknown = RAISE

    name = fields.String(validate=CODE, metadata={"description": "a part of the name of the home, in either language"})
    place = code(metadata={"description": PLACE})
    state = code(
        metadata={
            "description": "the stage of the licence; `without` is no valid licence, `expired` an end date that passed"
        }
    )
    critical = fields.Boolean(metadata={"description": "only those with a critical finding that is not fixed"})


@group.operation("GET", "/homes", "review", query=Homes, gives=Listed)
def homes(asked: dict[str, Any]) -> Any:
    """The register of homes, for those who audit."""
    entries, directory = register.register(here.installation(), here.account())
    return {"items": [plain(one) for one in HomesWanted(**asked).narrow(entries, directory)]}


class Findings(Paged):
    home, agency = code(), code(metadata={"description": "who must act, or for whom another does"})
    place = code(metadata={"description": PLACE})
    severity = code(metadata={"description": "danger, critical, major or minor; `urgent` is the first two"})
    late = fields.Boolean(metadata={"description": "only those whose last day is over"})


@group.operation("GET", "/homes/findings", "review", query=Findings, gives=Listed)
def findings(asked: dict[str, Any]) -> Any:
    """What nobody has seen to be fixed in all homes: what is late first, and of that the most urgent."""
    found, directory = register.all_lacks(here.installation(), here.account())
    skip, most = position_of(asked, int) or 0, asked["limit"]
    wanted = LacksWanted(**{name: asked[name] for name in asked if name not in ("cursor", "limit")})
    page = lacks_page(found, directory, wanted, skip, most)
    after = cursor_of(skip + most) if page.further else None
    return {"items": [{"home": home, **plain(lack)} for home, lack in page.rows], "next": after}


@group.operation("GET", "/homes/<code>", "review", gives=Listed)
def home(code: str) -> Any:
    """One home: its visits, what they found and what became of it, newest first."""
    found = register.home(here.installation(), here.account(), code)
    return {"items": [plain(one) for one in found.visits]}
