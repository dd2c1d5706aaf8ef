"""History in plain words: what each event says to a person, in English and Nepali, without any closed value."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop_engine.case import events as ev
from sop_engine.case.escalation import REMINDER
from sop_engine.case.ground import Ground
from sop_engine.services.signing import Signature
from sop_engine.sop.language import Text

ALERT = "alert:"


@dataclass(frozen=True, slots=True)
class Told:
    """One line of history with its two times; `said` is what a person wrote beside it, for those who may read it.

    `signer` is the second person by whose signature it was done, `asked` who asked for it. `sheet` is the paper from
    which it was typed, `to` the agencies that read a note, none for all.
    """

    seq: int
    words: Text
    by: str
    agency: str
    happened: datetime
    recorded: datetime
    mark: str
    said: str = ""
    signer: str = ""
    asked: str = ""
    kind: str = ""
    to: tuple[str, ...] = ()
    sheet: str = ""

    @property
    def note(self) -> bool:
        return self.kind == "noted"

    @property
    def late(self) -> bool:
        """Whether it was typed more than an hour after it happened."""
        return (self.recorded - self.happened).total_seconds() > 3600


def tell(
    ground: Ground, envelope: ev.Envelope, names: Mapping[str, str], said: Mapping[int, str],
    signed: Mapping[int, Signature],
) -> Told:  # fmt: skip
    """What one event says; by numbers of events `said` holds what was written beside them, `signed` signatures."""
    words = _WORDS[type(envelope.event)](ground, envelope.event)
    signature = signed.get(envelope.seq)
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
        names.get(signature.signed_by, "") if signature is not None else "",
        names.get(signature.asked_by, "") if signature is not None else "",
        str(envelope.event.__struct_config__.tag),
        tuple(envelope.event.to) if isinstance(envelope.event, ev.Noted) else (),
        getattr(envelope.event, "sheet", None) or "",
    )


_MARKS: dict[type[Any], str] = {
    ev.Entered: "held", ev.Offered: "offered", ev.OfferRefused: "late", ev.Closed: "done", ev.Escalated: "late",
    ev.Merged: "done", ev.Unmerged: "held", ev.HoldBegun: "paused", ev.Reassigned: "held", ev.Stopped: "late",
    ev.EmergencyOpened: "late", ev.ConflictDeclared: "late",
}  # fmt: skip


def _step(ground: Ground, name: str) -> Text:
    return ground.procedure.step_of(name).title if name in ground.procedure.steps else Text(name)


def paper_title(ground: Ground, step: str, document: str) -> Text:
    """The title of a paper of a step; one without a title is shown by its name."""
    said = ground.procedure.step_of(step).documents.get(document) if step in ground.procedure.steps else None
    return (said.title if said is not None else None) or Text(document.replace("_", " ").capitalize())


def _stage(ground: Ground, name: str) -> Text:
    stage = ground.procedure.sop.stages.get(name)
    return stage.title if stage is not None else Text(name)


def reason_words(code: str) -> Text:
    """The words for a coded reason; one that only its procedure knows is shown readable."""
    return _REASONS.get(code, Text(code.replace("_", " ")))


def _track(ground: Ground, event: ev.TrackMoved) -> Text:
    track = ground.procedure.sop.tracks.get(event.track)
    title = track.title if track is not None else Text(event.track.replace("_", " "))
    state = track.labels.get(event.state) if track is not None else None
    return _both("{title}: {state}", "{title}: {state}", title=title, state=state or reason_words(event.state))


def _role(ground: Ground, to: str) -> Text:
    """Who is told: an agency, or those with a role in it."""
    code, _, role = to.partition(".")
    agency = _agency(ground, code)
    if not role:
        return agency
    title = ground.procedure.sop.roles.get(role) or _REASONS.get(role, Text(role.replace("_", " ")))
    return _both("{agency} ({role})", "{agency} ({role})", agency=agency, role=title)


def _listed(texts: Iterable[Text]) -> Text:
    found = list(texts)
    return Text(", ".join(text.en for text in found), ", ".join(text.in_language("ne") for text in found))


def _agency(ground: Ground, code: str) -> Text:
    return Text("the person", "व्यक्ति") if code == ev.PERSON else ground.directory.title(code)


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
    what = exit_title or (_step(ground, event.target) if event.act == "waive" else reason_words(event.act))
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
    told = _listed(_role(ground, to) for to in event.informs)
    if event.rung.startswith(REMINDER):
        share = Text(event.rung.rpartition(":")[2])
        return _both("Reminder: {share} % of the time is over", "सम्झना: {share} % समय बित्यो", share=share)
    if event.rung.startswith(ALERT):
        return _both("Alert: {told} was told", "सतर्कता: {told} लाई जानकारी", told=told)
    return _both("Overdue: {told} was told", "म्याद नाघ्यो: {told} लाई जानकारी", told=told)


def _held(ground: Ground, event: ev.HoldBegun) -> Text:
    hold = ground.procedure.sop.holds.get(event.reason)
    why = hold.title if hold is not None and hold.title is not None else reason_words(event.reason)
    return _both("On hold: {why}", "रोकियो: {why}", why=why)


def _answered(status: Text) -> Callable[[Ground, Any], Text]:
    return lambda ground, event: status


# The reasons and states that every procedure shares; `web.layout.words` says them where they are chosen.
_REASONS: dict[str, Text] = {
    "wrong_agency": Text("not our task", "हाम्रो काम होइन"),
    "no_capacity": Text("no capacity now", "अहिले क्षमता छैन"),
    "conflict_of_interest": Text("conflict of interest", "स्वार्थ बाझिने"),
    "papers_missing": Text("papers are missing", "कागजात अपुग"),
    "not_our_district": Text("not our district", "हाम्रो जिल्ला होइन"),
    "other": Text("other", "अन्य"),
    "medical": Text("medical", "उपचार"),
    "person_asked": Text("she asked for it", "उहाँले माग्नुभएको"),
    "court_order": Text("court order", "अदालतको आदेश"),
    "border_closed": Text("border closed", "सीमा बन्द"),
    "security": Text("security", "सुरक्षा"),
    "disaster": Text("disaster", "विपद्"),
    "no_address": Text("no address known", "ठेगाना थाहा नभएको"),
    "awaiting_foreign_reply": Text("reply from abroad awaited", "विदेशको जवाफ पर्खिएको"),
    "new_information": Text("new information", "नयाँ जानकारी"),
    "person_returned": Text("she came back", "उहाँ फर्कनुभयो"),
    "re_trafficked": Text("trafficked again", "फेरि बेचबिखनमा परेको"),
    "error": Text("closed in error", "भूलले बन्द भएको"),
    "opening": Text("being opened", "खोलिँदै"),
    "open": Text("accepted", "स्वीकार भयो"),
    "settled": Text("settled", "टुङ्गियो"),
    "closed": Text("closed", "बन्द भयो"),
    "not_our_task": Text("not our task", "हाम्रो काम होइन"),
    "not_safe": Text("not safe", "सुरक्षित छैन"),
    "shelter": Text("shelter", "आश्रय"),
    "health": Text("health care", "स्वास्थ्य सेवा"),
    "psychosocial": Text("psychosocial support", "मनोसामाजिक सहयोग"),
    "legal_aid": Text("legal aid", "कानुनी सहायता"),
    "interpretation": Text("interpreter", "दोभाषे"),
    "family_tracing": Text("family tracing", "परिवार खोजी"),
    "documents": Text("papers", "कागजात"),
    "education": Text("education", "शिक्षा"),
    "livelihood": Text("livelihood", "जीविकोपार्जन"),
    "transport": Text("transport", "यातायात"),
    "referral_accepted": Text("accepted", "स्वीकार भयो"),
    "referral_declined": Text("declined", "अस्वीकार भयो"),
    "referral_given": Text("service given", "सेवा दिइयो"),
    "supervisor": Text("supervisor", "सुपरिवेक्षक"),
    "reassign": Text("another agency", "अर्को निकायलाई दिने"),
    "extend": Text("more time", "थप समय"),
    "reopen": Text("to open the case again", "विषय फेरि खोल्ने"),
    "erase": Text("to erase what the person said", "व्यक्तिले भनेका कुरा मेटाउने"),
    "time": Text("the time for which it is kept is over", "राख्ने अवधि सकियो"),
    "wish": Text("the person asks for it", "व्यक्तिले माग्नुभयो"),
    "together": Text("together with another case of the person", "व्यक्तिको अर्को विषयसँगै"),
    "merge": Text("to join the case to another of the same person", "उही व्यक्तिको अर्को विषयमा गाभ्ने"),
    "lift_conflict": Text("to say that an agency has no conflict of interest after all", "निकायको स्वार्थ बाझिँदैन भन्ने"),
    "unmerge": Text("to undo the joining of the case", "विषय गाभेको फिर्ता गर्ने"),
    "merged": Text("joined to another case", "अर्को विषयमा गाभियो"),
}

_OWN_VIEW = {
    "given": Text("She was given a code and a PIN for her own view", "उहाँलाई आफ्नो पानाको कोड र पिन दिइयो"),
    "limited": Text(
        "She was given a code and a PIN for the next step alone", "उहाँलाई अर्को कदम मात्र देखिने कोड र पिन दिइयो"
    ),
    "refused": Text("She was given no view of her own: it would endanger her", "उहाँलाई आफ्नो पाना दिइएन: खतरा हुन सक्छ"),
    "ended": Text("The code of her own view was ended", "उहाँको आफ्नो पानाको कोड बन्द गरियो"),
}

_WORDS: dict[type[Any], Callable[[Ground, Any], Text]] = {
    ev.Opened: lambda g, e: _both("Case opened", "विषय खोलियो"),
    ev.StepRecorded: lambda g, e: _both(
        "{step} was corrected" if e.corrects else "{step} is done" if e.complete else "{step} was begun",
        "{step} सच्याइयो" if e.corrects else "{step} पूरा भयो" if e.complete else "{step} सुरु गरियो",
        step=_step(g, e.step),
    ),
    ev.StepWaived: lambda g, e: _both("{step} was waived", "{step} छोडियो", step=_step(g, e.step)),
    ev.DocumentAttached: lambda g, e: _both(
        "File added to {paper}: {step}" if e.file else "Paper noted for {step}",
        "{paper} मा फाइल थपियो: {step}" if e.file else "{step} को कागज जनाइयो",
        step=_step(g, e.step),
        paper=paper_title(g, e.step, e.document),
    ),
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
        "The offer was refused: {why}", "प्रस्ताव अस्वीकार भयो: {why}", why=reason_words(e.reason)
    ),
    ev.LegalHoldBegun: lambda g, e: _both(
        "What was said is held for a court or a law", "भनिएका कुरा अदालत वा कानुनका लागि रोकियो"
    ),
    ev.LegalHoldEnded: lambda g, e: _both(
        "{agency} holds it no more for a court or a law", "{agency} को कानुनी रोक हट्यो", agency=_agency(g, e.of)
    ),
    ev.RetentionOver: lambda g, e: _both(
        "The time for which it is kept is over: its erasure is to be decided",
        "राख्ने अवधि सकियो: मेटाउने निर्णय गर्नुपर्छ",
    ),
    ev.Erased: lambda g, e: _both(
        "What the person said was erased: {why}", "व्यक्तिले भनेका कुरा मेटिए: {why}", why=reason_words(e.because)
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
    ev.ChildReported: lambda g, e: _both(
        "A linked case reported: {status}", "सम्बन्धित विषयको खबर: {status}", status=reason_words(e.status)
    ),
    ev.Heard: lambda g, e: _both("Heard from another case: {what}", "अर्को विषयबाट सुनियो: {what}", what=_heard(g, e)),
    ev.Resembled: _answered(Text("Another case may be about the same person", "अर्को विषय पनि यही व्यक्तिको हुन सक्छ")),
    ev.Merged: _answered(
        Text(
            "The case ended: it was joined to another case of the same person",
            "विषय टुङ्गियो: उही व्यक्तिको अर्को विषयमा गाभियो",
        )
    ),
    ev.Unmerged: _answered(Text("The joining was undone: the case goes on", "गाभेको फिर्ता भयो: विषय अगाडि बढ्छ")),
    ev.ReadersChanged: _answered(
        Text("The agencies that read the other case have changed", "अर्को विषय पढ्ने निकाय परिवर्तन भए")
    ),
    ev.Joined: _answered(
        Text("Another case of the same person was joined to this one", "उही व्यक्तिको अर्को विषय यसमा गाभियो")
    ),
    ev.Parted: _answered(Text("A case that was joined to this one goes on by itself", "यसमा गाभिएको विषय फेरि छुट्टै चल्छ")),
    ev.HandedOver: lambda g, e: _both(
        "The person is now with {agency}", "व्यक्ति अहिले {agency} सँग हुनुहुन्छ", agency=_agency(g, e.to)
    ),
    ev.Assigned: lambda g, e: Text(
        "A worker was named" if e.worker else "No worker is named",
        "कार्यकर्ता तोकियो" if e.worker else "कार्यकर्ता तोकिएको छैन",
    ),
    ev.Noted: lambda g, e: (
        _both("Note to {agencies}", "{agencies} लाई टिप्पणी", agencies=_listed(_agency(g, to) for to in e.to))
        if e.to
        else Text("A note was written", "टिप्पणी लेखियो")
    ),
    ev.TaskAdded: lambda g, e: _both("A task for {agency}", "{agency} लाई काम", agency=_agency(g, e.agency)),
    ev.OwnViewSet: lambda g, e: _OWN_VIEW[e.how],
    ev.TaskEnded: lambda g, e: Text(
        "A task is done" if e.how == "done" else "A task was dropped",
        "काम पूरा भयो" if e.how == "done" else "काम छोडियो",
    ),
    ev.Stopped: _answered(
        Text(
            "Red stop: referrals, family contact and travel are frozen",
            "रातो रोक: सिफारिस, परिवार सम्पर्क र यात्रा रोकियो",
        )
    ),
    ev.Released: _answered(Text("The red stop was reviewed and released", "रातो रोक हेरेर खोलियो")),
    ev.EmergencyOpened: _answered(
        Text("Opened in an emergency by one person, to read for an hour", "आपत्कालमा एक जनाले एक घण्टा पढ्न खोल्यो")
    ),
    ev.EmergencyReviewed: lambda g, e: Text(
        "A reading in an emergency was justified" if e.justified else "A reading in an emergency was not justified",
        "आपत्कालीन हेराइ उचित थियो" if e.justified else "आपत्कालीन हेराइ उचित थिएन",
    ),
    ev.ConflictDeclared: lambda g, e: _both(
        "{agency} has a conflict of interest and sees nothing of this case any more",
        "{agency} को स्वार्थ बाझिन्छ र अब यो विषयको केही पनि देख्दैन",
        agency=_agency(g, e.conflict.agency),
    ),
    ev.ConflictConfirmed: lambda g, e: _both(
        "A second person signed the conflict of interest of {agency}",
        "{agency} को स्वार्थ बाझिएकोमा दोस्रो व्यक्तिले हस्ताक्षर गर्‍यो",
        agency=_agency(g, e.agency),
    ),
    ev.ConflictLifted: lambda g, e: _both(
        "{agency} has no conflict of interest after all",
        "{agency} को स्वार्थ बाझिँदैन भन्ने ठहर्‍यो",
        agency=_agency(g, e.agency),
    ),
    ev.Referred: lambda g, e: _both(
        "Service asked of {agency}: {what}",
        "{agency} सँग सेवा मागियो: {what}",
        agency=_agency(g, e.to),
        what=reason_words(e.service),
    ),
    ev.ReferralOpened: _answered(Text("The link to a request was opened", "मागको लिङ्क खोलियो")),
    ev.ReferralAnswered: lambda g, e: _both(
        "Request for a service: {answer}{why}",
        "सेवाको माग: {answer}{why}",
        answer=reason_words(f"referral_{e.answer}"),
        why=_both(" ({why})", " ({why})", why=reason_words(e.reason)) if e.reason else Text("", ""),
    ),
    ev.ReferralWithdrawn: _answered(Text("A request for a service was taken back", "सेवाको माग फिर्ता लिइयो")),
    ev.HoldBegun: _held,
    ev.HoldEnded: _answered(Text("The hold is over", "रोक सकियो")),
    ev.DeadlineExtended: _answered(Text("More time was given", "समय थपियो")),
    ev.Reassigned: lambda g, e: _both("Reassigned to {agency}", "{agency} लाई दिइयो", agency=_agency(g, e.to)),
    ev.Contested: _answered(Text("The signed sheet was contested", "हस्ताक्षरित पानाको विरोध भयो")),
    ev.Reopened: lambda g, e: _both("Opened again: {why}", "फेरि खोलियो: {why}", why=reason_words(e.reason)),
    ev.Awaited: lambda g, e: _both("Answer asked of {agency}", "{agency} सँग जवाफ मागियो", agency=_agency(g, e.body)),
    ev.Answered: _answered(Text("The answer has come", "जवाफ आयो")),
    ev.Escalated: _escalated,
    ev.TrackMoved: _track,
    ev.DutiesArose: lambda g, e: _both(
        "Must be done again: {steps}",
        "फेरि गर्नुपर्छ: {steps}",
        steps=_listed(_step(g, duty.step) for duty in e.duties),
    ),
    ev.Diverted: lambda g, e: _both(
        "{agency} is accountable from now on", "अबदेखि {agency} जवाफदेही", agency=_agency(g, e.to)
    ),
    ev.FactsChanged: _answered(Text("Facts that depend on age were worked out again", "उमेरसम्बन्धी तथ्य फेरि निकालियो")),
}
