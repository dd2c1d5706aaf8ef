"""What may be changed of agencies and accounts: each act as a value that the record of administration keeps."""

from collections.abc import Mapping

import msgspec

from sop_engine.sop.language import Text
from sop_engine.store.directory import Edited

__all__ = [
    "REASONS", "Activate", "AddPerson", "Change", "ChangeRoles", "Deactivate", "EditAgency", "Edited", "EndPerson",
    "EndSessions", "GivePassword", "OfAgency", "OfPerson", "ResetFactor", "from_text", "to_text", "what_of",
]  # fmt: skip
# Why somebody's account ends: a choice and no words, for the record stays.
REASONS: Mapping[str, Text] = {
    "left": Text("She or he has left the agency", "निकाय छोड्नुभयो"),
    "moved": Text("She or he works elsewhere in the agency, or for another one", "अन्यत्र वा अर्को निकायमा सरुवा हुनुभयो"),
    "died": Text("She or he has died", "निधन भयो"),
    "misuse": Text("Misuse is suspected", "दुरुपयोगको शंका छ"),
    "mistake": Text("The account was made by mistake", "खाता भूलले बनेको हो"),
}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is done to `whom`: the id of a person, or the code of an agency."""

    whom: str


class AddPerson(Change, frozen=True, kw_only=True, tag="add_person"):
    """Somebody gets an account."""

    sign_in: str
    agency: str
    shown_as: str
    roles: list[str]


class ChangeRoles(Change, frozen=True, kw_only=True, tag="change_roles"):
    """Somebody gets other roles than she had `before`."""

    before: list[str]
    roles: list[str]


class ResetFactor(Change, frozen=True, kw_only=True, tag="reset_factor"):
    """Somebody's second factor is taken away, so that she sets up another one."""


class GivePassword(Change, frozen=True, kw_only=True, tag="give_password"):
    """Somebody gets a first password anew."""


class EndSessions(Change, frozen=True, kw_only=True, tag="end_sessions"):
    """Somebody is signed out everywhere."""


class EndPerson(Change, frozen=True, kw_only=True, tag="end_person"):
    """Somebody leaves; `reason` is one of REASONS, or empty where an operator gave none."""

    reason: str = ""


class EditAgency(Change, frozen=True, kw_only=True, tag="edit_agency"):
    """An agency is called otherwise, or has users here or none."""

    said: Edited


class Deactivate(Change, frozen=True, kw_only=True, tag="deactivate"):
    """An agency goes out of use."""


class Activate(Change, frozen=True, kw_only=True, tag="activate"):
    """An agency that was out of use is in use again."""


OfPerson = AddPerson | ChangeRoles | ResetFactor | GivePassword | EndSessions | EndPerson
OfAgency = EditAgency | Deactivate | Activate


def what_of(one: OfPerson | OfAgency) -> str:
    """The name of a kind of change, as the record keeps it."""
    return str(type(one).__struct_config__.tag)


def to_text(one: OfPerson | OfAgency) -> str:
    """A change as the record keeps it."""
    return msgspec.json.encode(one).decode()


def from_text(text: str) -> OfPerson | OfAgency:
    """A change of the record."""
    return _decoder.decode(text)


_decoder: msgspec.json.Decoder[OfPerson | OfAgency] = msgspec.json.Decoder(OfPerson | OfAgency)
