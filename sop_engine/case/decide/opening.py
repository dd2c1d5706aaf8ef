"""Opening a case: it begins in `opening`, held by its opener, and is offered to the agency of its first stage."""

import hashlib
from datetime import datetime

from sop_engine.case import commands as cmd
from sop_engine.case import events as ev
from sop_engine.case.apply import apply
from sop_engine.case.decide.answer import Asked, Decision, not_holder
from sop_engine.case.decide.taking_over import Receiver, choose, offer, stage_of, take
from sop_engine.case.ground import Ground
from sop_engine.case.refusal import Refusal, Unmet, refuse
from sop_engine.case.state import Case
from sop_engine.sop.language import Entry

OPENING = "opening"


def decide_open(ground: Ground, command: cmd.Open, now: datetime) -> Decision:
    """Open at an entry of the SOP; where the opener is accountable for the first stage, it is entered at once."""
    sop = ground.procedure.sop
    entry = sop.opens_at.get(command.entry)
    if entry is None:
        return refuse(
            "no_entry",
            f"A case of this kind does not begin at '{command.entry}'",
            f"यस किसिमको विषय '{command.entry}' बाट सुरु हुँदैन",
        )
    if entry.only is not None and command.parent is None:
        return refuse("only_spawned", "A case begins here only from another case", "यो विषय अर्को विषयबाट मात्र सुरु हुन्छ")
    refusal = _may_open(ground, command, str(entry.by) if entry.by else None)
    parts = refusal or _parts(ground, command)
    if isinstance(parts, Refusal):
        return parts
    opened = ev.Opened(
        number=command.number,
        sop=ground.procedure.name,
        version=ground.procedure.version,
        about=str(sop.about),
        subject=_subject(ground, parts, command.subject),
        entry=command.entry,
        values=opening_values(ground, command.values, now),
        parts=parts,
        parent=command.parent,
        parent_name=command.parent_name,
        conflicts=command.conflicts,
        hidden_from=sorted(parts[str(name)] for name, part in sop.agencies.items() if part.kept_out and name in parts),
    )
    envelope = ev.Envelope(
        case=command.case, seq=1, by=command.actor.person, agency=command.actor.agency,
        happened=min(command.happened or now, now), recorded=now, command=command.id, event=opened,
    )  # fmt: skip
    case = apply(None, envelope)
    return (opened, *_placed(ground, case, entry, command.with_), *first_stage(Asked(ground, case, now), case.opened))


def _placed(ground: Ground, case: Case, entry: Entry, known: str | None) -> tuple[ev.Event, ...]:
    """With whom the person physically is when the case begins, where the entry or another case of hers says so."""
    agency = ground.named_alone(case, str(entry.with_)) if entry.with_ is not None else known
    return (ev.HandedOver(to=agency),) if agency is not None else ()


def _may_open(ground: Ground, command: cmd.Open, part: str | None) -> Refusal | None:
    if part is None or command.parent is not None:
        return None
    kinds = ground.procedure.sop.agencies[part].kind
    agency = ground.directory.agencies.get(command.actor.agency)
    if agency is None or agency.kind not in kinds:
        return refuse(
            "not_opener",
            "Your agency does not open cases of this kind",
            "तपाईंको निकायले यस किसिमको विषय खोल्दैन",
        )
    return None


def _subject(ground: Ground, parts: dict[str, str], own: str) -> str:
    """Whom or what a case is about: every case about a home has the same subject, the agency in its part `home`."""
    home = parts.get("home") if ground.procedure.sop.about == "home" else None
    return own if home is None else hashlib.sha256(f"home/{home}".encode()).hexdigest()[:32]


def _parts(ground: Ground, command: cmd.Open) -> dict[str, str] | Refusal:
    """The parts that are known at once: those given or chosen, and those of its kind that the opener plays."""
    sop, opener = ground.procedure.sop, ground.directory.agencies.get(command.actor.agency)
    if command.parent is not None or opener is None:
        return dict(command.parts)
    entry_part = sop.opens_at[command.entry].by
    played = [name for name, part in sop.agencies.items() if part.opens or name == entry_part]
    parts = {str(name): opener.code for name in played if opener.kind in sop.agencies[name].kind}
    for name, part in sop.agencies.items():
        if part.chosen_in != OPENING or str(name) in parts:
            continue
        if part.kept_out and not command.parts.get(str(name)):
            continue
        chosen = ground.directory.agencies.get(command.parts.get(str(name), ""))
        if chosen is None or not chosen.active or chosen.kind not in part.kind:
            lacking = Unmet("agency_missing", ground.part_title(str(name)), field=str(name))
            return refuse("agency_missing", "Choose an agency", "निकाय छान्नुहोस्", lacking)
        if part.kept_out and chosen.code in parts.values():
            return refuse(
                "concerned",
                "Your agency is the one concerned: another one takes this",
                "यो तपाईंकै निकायसँग सम्बन्धित छ: अर्कोले हेर्छ",
            )
        parts[str(name)] = chosen.code
    return parts


def opening_values(ground: Ground, values: dict[str, object], now: datetime) -> dict[str, ev.OpenValue]:
    """The open values and facts with which a case begins."""
    procedure = ground.procedure
    found: dict[str, object] = dict(procedure.first_facts())
    found |= {name: value for name, value in values.items() if name in procedure.fields and procedure.fields[name].open}
    results = procedure.work_out(procedure.touched_facts(values), {**found, **values}, now.date())
    found |= {name: value for name, value in results.items() if value is not None}
    return found  # type: ignore[return-value]


def first_stage(asked: Asked, since: datetime) -> tuple[ev.Event, ...]:
    """Enter the first stage, or offer it; nothing where it is not clear yet to whom."""
    receiver = choose(asked, asked.case.entry, None)
    return (_begin(asked, receiver, since),) if isinstance(receiver, Receiver) else ()


def _begin(asked: Asked, receiver: Receiver, since: datetime) -> ev.Event:
    """Enter the first stage where its receiver is the opener or takes over by law; else offer it."""
    stage = asked.case.entry
    if receiver.holder == asked.case.holder:
        how = "reopened" if asked.case.entered else "opened"
        return take(asked, stage, receiver, None, how, since, since)
    if stage_of(asked, stage).taking_over.by_law is not None:
        return take(asked, stage, receiver, None, "by_law", since, since)
    return offer(asked, None, stage, receiver)


def offer_first(asked: Asked, command: cmd.OfferFirst) -> Decision:
    """Offer a case in opening (again, after a refusal, or to a chosen agency)."""
    case: Case = asked.case
    refusal = not_holder(asked, command.actor)
    if refusal is not None:
        return refusal
    if case.status != "opening" or case.offer is not None:
        return refuse("not_opening", "The case is not waiting for its first offer", "विषय पहिलो प्रस्तावको प्रतीक्षामा छैन")
    receiver = choose(asked, case.entry, command.to)
    return receiver if isinstance(receiver, Refusal) else (_begin(asked, receiver, asked.now),)
