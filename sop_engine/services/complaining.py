"""A complaint by somebody without an account: it goes to an oversight body that it does not concern. Knows no page."""

from collections.abc import Mapping
from dataclasses import dataclass

from sop_engine.case.access import answers_for
from sop_engine.case.commands import Actor
from sop_engine.case.decide.own_view import GIVEN
from sop_engine.case.directory import Directory
from sop_engine.case.events import PERSON
from sop_engine.case.refusal import Refusal, refuse
from sop_engine.case.state import Case
from sop_engine.services import brake
from sop_engine.services.brake import Origin, Tries, Waits
from sop_engine.services.installation import Installation
from sop_engine.services.own_view import Paper, set_view
from sop_engine.services.sending import open_case
from sop_engine.sop.language import Sop
from sop_engine.sop.procedure import Procedure
from sop_engine.store import procedures
from sop_engine.store.database import looking

COMPLAINT, BODY, CONCERNED = "complaint", "body", "concerned"
HER_CASE = "her_case"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form of a complaint offers: the procedure, the bodies that may examine it, and whom it may be about."""

    procedure: Procedure
    directory: Directory
    bodies: list[str]
    concerned: list[str]

    def told_to_anybody(self) -> list[str]:
        """Whom it may be about, without who gives shelter: where women are hidden is in no public list.

        Children's homes are, as they are in the register of the country.
        """
        return [code for code in self.concerned if not self._hides(code)]

    def _hides(self, code: str) -> bool:
        is_home = self.directory.agencies[code].kind == "childrens_home"
        return "shelter" in self.directory.services_of(code) and not is_home


def choices(inst: Installation) -> Choices | None:
    """What may be chosen; None where no procedure for complaints is in force."""
    with looking(inst.engine) as connection:
        version = procedures.current(connection).get(COMPLAINT)
        if version is None:
            return None
        ground, directory = inst.ground(connection, version), inst.directory(connection)
    sop = ground.procedure.sop
    bodies = [code for code in _of_part(sop, directory, BODY) if directory.acts_here(code)]
    return Choices(ground.procedure, directory, bodies, _of_part(sop, directory, CONCERNED))


def _of_part(sop: Sop, directory: Directory, part: str) -> list[str]:
    """The agencies that may play a part, in the order in which it names their kinds."""
    return [code for kind in sop.agencies[part].kind for code in directory.of_kind((str(kind),))]


def complain(
    inst: Installation, values: Mapping[str, str], concerned: str, body: str, about: Case | None, command_id: str,
    origin: Origin,
) -> Paper | Waits | Refusal:  # fmt: skip
    """Open a complaint at a body and give the code and PIN by which its answer is read. `concerned` may be empty.

    `body` is who shall examine it, empty for the first that may. `about` is her own case where whoever writes came
    from there: who answers for that one examines nothing. Its number is sealed for the body alone.
    """
    offered = choices(inst)
    if offered is None or (concerned and concerned not in offered.concerned):
        return refuse("wrong_agency", "Choose one of the list", "सूचीबाट छान्नुहोस्")
    biased = {concerned, *((answers_for(about), about.holder_for) if about is not None else ())}
    free = [code for code in offered.bodies if code not in biased]
    if not free or (body and body not in free):
        return refuse(
            "biased",
            "This body is concerned itself: choose another one",
            "यो निकाय आफैं सम्बन्धित छ: अर्को छान्नुहोस्",
        )
    waits = _too_often(inst, origin)
    if waits is not None:
        return waits
    actor, sop = Actor(PERSON, body or free[0]), offered.procedure.sop
    said = {**values, HER_CASE: about.number} if about is not None else values
    parts = {CONCERNED: concerned} if concerned else {}
    opened = open_case(inst, actor, COMPLAINT, str(next(iter(sop.opens_at))), said, command_id, parts=parts)
    if isinstance(opened, Refusal):
        return opened
    paper = set_view(inst, actor, opened.case.number, GIVEN, None, f"{command_id}:own")
    assert paper is not None, "a view that is given has a paper"
    return paper


def _too_often(inst: Installation, origin: Origin) -> Waits | None:
    """How long to wait where one address sends one complaint after another."""
    if origin.address is None:
        return None
    with looking(inst.engine) as connection:
        mark = inst.keys.mark(connection, "attempt/complaint", origin.address)
    return brake.take(inst, Tries(mark, None))
