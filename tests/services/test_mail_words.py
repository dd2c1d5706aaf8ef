"""No e-mail says anything of a case: all that the demonstration knows is looked for in all of them."""

from pathlib import Path

from sqlalchemy import select

from sop_engine.app import installation, load_settings
from sop_engine.services import mail_words
from sop_engine.services.installation import Installation
from sop_engine.store import identities, vault
from sop_engine.store.database import looking
from sop_engine.store.tables import person, standing
from sop_engine.store.tables import vault as sealed
from tests.support.demonstration import demonstration

WORDS = (
    "traffick", "police", "shelter", "rescue", "victim", "child", "home", "agency", "बेचबिखन", "प्रहरी", "उद्धार", "आश्रय",
    "पीडित", "बाल", "निकाय",
)  # fmt: skip


def test_no_mail_says_anything_of_the_demonstration(tmp_path: Path) -> None:
    """Whatever a case is about, mails are the same: all that the demonstration knows is looked for in all of them."""
    demonstration(tmp_path / "home")
    settings = load_settings(tmp_path / "home", {"SOP_ENGINE_ADDRESS": "https://cases.example.org/"})
    inst = installation(settings)
    mails: list[tuple[str, str]] = []
    for language in ("en", "ne"):
        for cases in (1, 2, 17, 179):
            mails.append(mail_words.of_notices(language, cases, settings.address))
        mails += [mail_words.of_code(language, "314159"), mail_words.of_test(language, settings.address)]
    said = "\n".join(part for mail in mails for part in mail).lower()
    known = identifying(inst)
    assert len(known) > 500
    assert [value for value in known if value.lower() in said] == []
    assert [word for word in WORDS if word in said] == []


def identifying(inst: Installation) -> set[str]:
    """Numbers, agencies, stages, procedures, people, and every text that somebody said, of all that is there."""
    known: set[str] = set()
    with looking(inst.engine) as connection:
        keys = inst.keys.subjects(connection, None)
        for row in connection.execute(select(sealed)):
            known |= set(texts(vault.opened(keys[row.subject], row)))
        for row in connection.execute(select(standing)):
            known |= {row.number, row.case_id, row.sop, row.stage or "", row.holder or ""}
        for row in connection.execute(select(person)):
            known |= {row.sign_in, row.shown_as}
        directory = inst.directory(connection)
        for version in identities.versions(connection):
            sop = inst.ground(connection, version).procedure.sop
            titles = [sop.title, *(stage.title for stage in sop.stages.values())]
            known |= {words for title in titles for words in (title.en, title.in_language("ne"))}
        for found in directory.agencies.values():
            known |= {found.title.en, found.title.in_language("ne"), found.short.en, found.short.in_language("ne")}
        known |= {place.en for place in directory.districts.values()}
    return {value for value in known if len(value) > 3 and not value.isdigit()}


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []
