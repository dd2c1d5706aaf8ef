"""Who may see and do what with a case: what each relation of an agency to it allows. One table; everything reads it.

What a relation allows is not all: the procedure says which part does a step or takes a way (`case.decide`), keeps
single steps from single agencies (`kept_from`), and closed values open only with a key of the agency's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sop_engine.sop.language import Text


class Extent(StrEnum):
    """How far a permission goes: to all of the case, or to what the agency itself wrote or was asked."""

    ALL = "all"
    OWN = "own"


# How an agency may be related to a case, in the order in which a page shows them.
RELATIONS: Mapping[str, Text] = {
    "holder": Text("The agency that is accountable now", "अहिले जवाफदेही निकाय"),
    "with": Text("The agency that has the person with it", "व्यक्ति आफूसँग रहेको निकाय"),
    "part": Text("An agency with something to do in this stage", "यस चरणमा काम भएको निकाय"),
    "opener": Text("The agency that opened it for another one", "अर्को निकायका लागि खोल्ने निकाय"),
    "offered": Text("The agency that is asked to take it over", "जिम्मा लिन भनिएको निकाय"),
    "support": Text("An agency that was asked for a service", "सेवा मागिएको निकाय"),
    "informed": Text("An agency that is kept informed", "जानकारी दिइने निकाय"),
    "acted_for": Text("An agency for which another one acts", "जसका लागि अर्को निकायले काम गर्छ"),
    "keeper": Text("The agency that held it when it was closed", "बन्द हुँदा जिम्मा भएको निकाय"),
    "former": Text("An agency that handed it on", "हस्तान्तरण गरिसकेको निकाय"),
    "emergency": Text("A person who opened it in an emergency, for an hour", "आपत्कालमा एक घण्टाका लागि खोल्ने व्यक्ति"),
}
_AT_WORK = dict.fromkeys(("holder", "with", "part", "opener", "keeper"), Extent.ALL)
_READING = {**_AT_WORK, "emergency": Extent.ALL}
_OF_AGENCIES = {relation: Extent.ALL for relation in RELATIONS if relation != "emergency"}


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that may be seen or done, in words, and how far by which relation."""

    title: Text
    by: Mapping[str, Extent]


PERMISSIONS: Mapping[str, Permission] = {
    "know": Permission(
        Text(
            "Know that there is the case: its number and procedure, who is accountable, until when and who is next",
            "विषय छ भन्ने जान्ने: नम्बर र कार्यविधि, को जवाफदेही, कहिलेसम्म र अब को",
        ),
        {**_OF_AGENCIES, "emergency": Extent.ALL},
    ),
    "act": Permission(
        Text(
            "Move it, accept, sign, ask and answer, where the procedure says so",
            "कार्यविधिले भनेको अवस्थामा विषय सार्ने, स्वीकार गर्ने, हस्ताक्षर गर्ने, माग्ने र जवाफ दिने",
        ),
        _OF_AGENCIES,
    ),
    "print": Permission(Text("Print how it stands", "विषय कहाँ पुग्यो छाप्ने"), _OF_AGENCIES),
    "list": Permission(
        Text("See which steps there are and which are done", "कुन काम छन् र कुन सकिए हेर्ने"),
        {**_READING, "offered": Extent.ALL, "former": Extent.OWN},
    ),
    "read": Permission(Text("Read what was recorded", "दर्ता भएका कुरा पढ्ने"), {**_READING, "former": Extent.OWN}),
    "copy": Permission(Text("Print what was recorded", "दर्ता भएका कुरा छाप्ने"), {**_AT_WORK, "former": Extent.OWN}),
    "words": Permission(Text("Read notes and reasons", "टिपोट र कारण पढ्ने"), {**_READING, "support": Extent.OWN}),
    "papers": Permission(Text("Open papers", "कागज खोल्ने"), _READING),
    "keep": Permission(Text("Keep a paper on a device", "कागज आफ्नो यन्त्रमा राख्ने"), _AT_WORK),
    "history": Permission(Text("Read the history", "इतिहास पढ्ने"), _READING),
    "record": Permission(
        Text("Record steps and papers, where the procedure says so", "कार्यविधिले भनेको अवस्थामा काम र कागज दर्ता गर्ने"),
        {**_AT_WORK, "former": Extent.OWN},
    ),
    "find": Permission(
        Text("Find it by what the person said", "व्यक्तिले भनेको कुराबाट फेला पार्ने"), {**_AT_WORK, "former": Extent.OWN}
    ),
    "lead": Permission(
        Text(
            "Give it to a worker, and compare it with another case of the person",
            "कर्मचारीलाई दिने र सोही व्यक्तिको अर्को विषयसँग तुलना गर्ने",
        ),
        {"holder": Extent.ALL},
    ),
}


def in_emergency(relations: frozenset[str] | set[str]) -> bool:
    """Whether a case is read by nothing but an emergency."""
    return may("read", relations) and not may("read", relations - {"emergency"})


def may(permission: str, relations: Iterable[str]) -> bool:
    """Whether one of these relations has a permission, however far it goes."""
    by = PERMISSIONS[permission].by
    return any(relation in by for relation in relations)


def may_all(permission: str, relations: Iterable[str]) -> bool:
    """Whether one of these relations has a permission for all of the case."""
    by = PERMISSIONS[permission].by
    return any(by.get(relation) is Extent.ALL for relation in relations)
