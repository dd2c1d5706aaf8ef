"""Why something did not go: sentences for the person who meets them, each with what would meet it."""

from datetime import datetime

import msgspec

from sop_engine.sop.language import Text


class Unmet(msgspec.Struct, frozen=True):
    """One thing that is not so. `fix` is the step that would meet it, `who` the agency that can, `due` its time.

    `field` is what the form of that step asks for it, where it is one field, or the part whose agency is chosen there.
    """

    code: str
    say: Text
    fix: str | None = None
    who: str | None = None
    due: datetime | None = None
    field: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    """A command that was not carried out, and every reason."""

    code: str
    say: Text
    unmet: tuple[Unmet, ...] = ()

    def sentence(self, language: str = "en") -> str:
        """The whole refusal as one sentence."""
        said = self.say.in_language(language)
        reasons = "; ".join(unmet.say.in_language(language) for unmet in self.unmet)
        return f"{said}: {reasons}" if reasons else said


def refuse(code: str, en: str, ne: str, *unmet: Unmet) -> Refusal:
    return Refusal(code, Text(en, ne), unmet)
