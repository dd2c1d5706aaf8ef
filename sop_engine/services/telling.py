"""History in plain words: what each event says to a person, in English and Nepali, without any closed value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop_engine.case import events as ev
from sop_engine.case.escalation import REMINDER
from sop_engine.case.ground import Ground
from sop_engine.sop.language import Text


@dataclass(frozen=True, slots=True)
class Told:
    """One line of history with its two times; `said` is what a person wrote beside it, for those who may read it."""

    seq: int
    words: Text
    by: str
    agency: str
    happened: datetime
    recorded: datetime
    mark: str
    said: str = ""

    @property
    def late(self) -> bool:
        """Whether it was typed more than an hour after it happened."""
        return (self.recorded - self.happened).total_seconds() > 3600


def tell(ground: Ground, envelope: ev.Envelope, names: Mapping[str, str], said: Mapping[int, str]) -> Told:
    """What one event says; `said` holds what was written beside events, by their numbers."""
    words = _WORDS[type(envelope.event)](ground, envelope.event)
    by = names.get(envelope.by, "")
    return Told(
        envelope.seq,
        words,
        by,
        envelope.agency,
        envelope.happened,
        envelope.recorded,
        _MARKS.get(type(envelope.event), ""),
        said.get(envelope.seq, ""),
    )


_MARKS: dict[type[Any], str] = {
    ev.Entered: "held", ev.Offered: "offered", ev.OfferRefused: "late", ev.Closed: "done", ev.Escalated: "late",
    ev.HoldBegun: "paused", ev.Reassigned: "held",
}  # fmt: skip


def _step(ground: Ground, name: str) -> Text:
    return ground.procedure.step_of(name).title if name in ground.procedure.steps else Text(name)


def _stage(ground: Ground, name: str) -> Text:
    stage = ground.procedure.sop.stages.get(name)
    return stage.title if stage is not None else Text(name)


def _track(ground: Ground, name: str) -> str:
    track = ground.procedure.sop.tracks.get(name)
    return track.title.en if track is not None else name


def _agency(ground: Ground, code: str) -> Text:
    return ground.directory.title(code)


def _both(en: str, ne: str, **parts: Text) -> Text:
    english = en.format(**{name: text.en for name, text in parts.items()})
    return Text(english, ne.format(**{name: text.in_language("ne") for name, text in parts.items()}))


def _entered(ground: Ground, event: ev.Entered) -> Text:
    how = {
        "moved": ("{stage} begins, with {agency}", "{stage} सुरु भयो, {agency} सँग"),
        "accepted": ("{agency} accepted; {stage} begins", "{agency} ले स्वीकार गर्‍यो; {stage} सुरु भयो"),
        "by_law": (
            "{agency} takes over by law; {stage} begins",
            "{agency} ले कानूनबमोजिम जिम्मा लियो; {stage} सुरु भयो",
        ),
        "on_signature": (
            "{agency} took over on the signed sheet; {stage} begins",
            "{agency} ले हस्ताक्षरित पानामा जिम्मा लियो; {stage} सुरु भयो",
        ),
        "lapse": (
            "The time was over: moved on to {stage}, with {agency}",
            "समय सकियो: {stage} मा सारियो, {agency} सँग",
        ),
        "reopened": ("Opened again at {stage}, with {agency}", "{stage} मा फेरि खोलियो, {agency} सँग"),
        "opened": ("{stage} begins, with {agency}", "{stage} सुरु भयो, {agency} सँग"),
    }[event.how]
    agency = _agency(ground, event.holder)
    if event.for_agency is not None:
        agency = _both(
            "{agency} for {other}",
            "{other} का लागि {agency}",
            agency=agency,
            other=_agency(ground, event.for_agency),
        )
    return _both(*how, stage=_stage(ground, event.stage), agency=agency)


def _consent(ground: Ground, name: str) -> Text:
    consent = ground.procedure.sop.consents.get(name)
    return consent.title if consent is not None else Text(name)


def _closed(ground: Ground, event: ev.Closed) -> Text:
    outcome = ground.procedure.sop.outcomes.get(event.outcome)
    return _both("Closed: {outcome}", "बन्द भयो: {outcome}", outcome=outcome.title if outcome else Text(event.outcome))


def _proposed(ground: Ground, event: ev.Proposed) -> Text:
    exit_title = next(
        (
            exit_.title
            for stage in ground.procedure.sop.stages
            for name, exit_ in ground.procedure.sop.exits(stage).items()
            if name == event.target
        ),
        None,
    )
    what = exit_title or (_step(ground, event.target) if event.act == "waive" else Text(event.act))
    return _both("A second person is asked to sign: {what}", "दोस्रो व्यक्तिको हस्ताक्षर मागियो: {what}", what=what)


def _heard(ground: Ground, event: ev.Heard) -> Text:
    """What was heard, in the words of the way that it offers; else the name of its event."""
    sop = ground.procedure.sop
    exits = (sop.exits(stage).get(event.exit) for stage in sop.stages) if event.exit is not None else ()
    return next((exit_.title for exit_ in exits if exit_ is not None), Text(event.event.replace("_", " ")))


def _confirmed(ground: Ground, event: ev.Confirmed) -> Text:
    rules = ground.procedure.sop.stages[event.stage].rules
    texts = [rules[place].text for place in event.rules]
    en, ne = " ".join(text.en for text in texts), " ".join(text.in_language("ne") for text in texts)
    return _both("Confirmed: {what}", "पुष्टि गरियो: {what}", what=Text(en, ne))


def _escalated(ground: Ground, event: ev.Escalated) -> Text:
    agency = Text(", ".join(_agency(ground, to.partition(".")[0]).en for to in event.informs))
    if event.rung.startswith(REMINDER):
        share = Text(event.rung.rpartition(":")[2])
        return _both("Reminder: {share} % of the time is over", "सम्झना: {share} % समय बित्यो", share=share)
    return _both("Overdue: {agency} was told", "म्याद नाघ्यो: {agency} लाई जानकारी", agency=agency)


def _answered(status: Text) -> Callable[[Ground, Any], Text]:
    return lambda ground, event: status


_WORDS: dict[type[Any], Callable[[Ground, Any], Text]] = {
    ev.Opened: lambda g, e: _both("Case opened", "विषय खोलियो"),
    ev.StepRecorded: lambda g, e: _both(
        "{step} was corrected" if e.corrects else "{step} is done" if e.complete else "{step} was begun",
        "{step} सच्याइयो" if e.corrects else "{step} पूरा भयो" if e.complete else "{step} सुरु गरियो",
        step=_step(g, e.step),
    ),
    ev.StepWaived: lambda g, e: _both("{step} was waived", "{step} छोडियो", step=_step(g, e.step)),
    ev.DocumentAttached: lambda g, e: _both("Paper noted for {step}", "{step} को कागज जनाइयो", step=_step(g, e.step)),
    ev.ConsentGiven: lambda g, e: _both(
        "Consent given: {consent}", "सहमति दिइयो: {consent}", consent=_consent(g, e.consent)
    ),
    ev.ConsentRefused: lambda g, e: _both(
        "Consent refused: {consent}", "सहमति अस्वीकार: {consent}", consent=_consent(g, e.consent)
    ),
    ev.ConsentWithdrawn: lambda g, e: _both(
        "Consent withdrawn: {consent}", "सहमति फिर्ता: {consent}", consent=_consent(g, e.consent)
    ),
    ev.Offered: lambda g, e: _both(
        "Offered to {agency}: {stage}",
        "{agency} लाई प्रस्ताव: {stage}",
        agency=_agency(g, e.to),
        stage=_stage(g, e.stage),
    ),
    ev.OfferRefused: lambda g, e: _both(
        "The offer was refused: {why}", "प्रस्ताव अस्वीकार भयो: {why}", why=Text(e.reason.replace("_", " "))
    ),
    ev.OfferWithdrawn: lambda g, e: _both("The offer was withdrawn", "प्रस्ताव फिर्ता लिइयो"),
    ev.Entered: _entered,
    ev.Closed: _closed,
    ev.Proposed: _proposed,
    ev.ProposalRefused: lambda g, e: (
        Text("The request for a signature was taken back", "हस्ताक्षरको अनुरोध फिर्ता लिइयो")
        if e.withdrawn
        else Text("The second person refused to sign", "दोस्रो व्यक्तिले हस्ताक्षर गरेनन्")
    ),
    ev.Confirmed: _confirmed,
    ev.Countersigned: _answered(Text("The second signature was given", "दोस्रो हस्ताक्षर भयो")),
    ev.Ending: _answered(
        Text("The case is ending: the next agency must accept", "विषय टुङ्गिँदैछ: अर्को निकायले स्वीकार गर्नुपर्छ")
    ),
    ev.Spawned: lambda g, e: Text(f"Linked cases opened: {len(e.children)}", f"सम्बन्धित विषय खोलियो: {len(e.children)}"),
    ev.ChildReported: lambda g, e: Text("A linked case reported: " + e.status, "सम्बन्धित विषयको खबर: " + e.status),
    ev.Heard: lambda g, e: _both("Heard from another case: {what}", "अर्को विषयबाट सुनियो: {what}", what=_heard(g, e)),
    ev.HandedOver: lambda g, e: _both(
        "The person is now with {agency}", "व्यक्ति अहिले {agency} सँग हुनुहुन्छ", agency=_agency(g, e.to)
    ),
    ev.Assigned: lambda g, e: Text(
        "A worker was named" if e.worker else "No worker is named",
        "कार्यकर्ता तोकियो" if e.worker else "कार्यकर्ता तोकिएको छैन",
    ),
    ev.Noted: _answered(Text("A note was written", "टिप्पणी लेखियो")),
    ev.HoldBegun: lambda g, e: _both("On hold: {why}", "रोकियो: {why}", why=Text(e.reason.replace("_", " "))),
    ev.HoldEnded: _answered(Text("The hold is over", "रोक सकियो")),
    ev.DeadlineExtended: _answered(Text("More time was given", "समय थपियो")),
    ev.Reassigned: lambda g, e: _both("Reassigned to {agency}", "{agency} लाई दिइयो", agency=_agency(g, e.to)),
    ev.Contested: _answered(Text("The signed sheet was contested", "हस्ताक्षरित पानाको विरोध भयो")),
    ev.Reopened: lambda g, e: _both("Opened again: {why}", "फेरि खोलियो: {why}", why=Text(e.reason.replace("_", " "))),
    ev.Awaited: lambda g, e: _both("Answer asked of {agency}", "{agency} सँग जवाफ मागियो", agency=_agency(g, e.body)),
    ev.Answered: _answered(Text("The answer has come", "जवाफ आयो")),
    ev.Escalated: _escalated,
    ev.TrackMoved: lambda g, e: Text(f"{_track(g, e.track)}: {e.state.replace('_', ' ')}"),
    ev.DutiesArose: lambda g, e: _both(
        "Must be done again: {steps}",
        "फेरि गर्नुपर्छ: {steps}",
        steps=Text(", ".join(_step(g, duty.step).en for duty in e.duties)),
    ),
    ev.Diverted: lambda g, e: _both(
        "{agency} is accountable from now on", "अबदेखि {agency} जवाफदेही", agency=_agency(g, e.to)
    ),
    ev.FactsChanged: _answered(Text("Facts that depend on age were worked out again", "उमेरसम्बन्धी तथ्य फेरि निकालियो")),
}
