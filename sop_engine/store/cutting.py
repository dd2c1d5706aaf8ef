"""Taking from an agency what it could still read a case with, once it is to know of it no more."""

from sqlalchemy import Connection, and_, bindparam, delete, literal, select

from sop_engine.case.state import Case
from sop_engine.store.tables import access, draft, person, standing, subject_key

_STILL = (
    select(literal(1))
    .select_from(access.join(standing, standing.c.case_id == access.c.case_id))
    .where(
        and_(
            standing.c.subject == bindparam("of_subject"),
            access.c.agency == bindparam("of_agency"),
            access.c.person == "",
        )
    )
    .exists()
)
_OTHER = subject_key.alias("other")
_ANOTHER = (
    select(literal(1))
    .select_from(_OTHER)
    .where(and_(_OTHER.c.subject == bindparam("of_subject"), _OTHER.c.agency != bindparam("of_agency")))
    .exists()
)
_KEY = delete(subject_key).where(
    subject_key.c.subject == bindparam("of_subject"),
    subject_key.c.agency == bindparam("of_agency"),
    ~_STILL,
    _ANOTHER,
)
_PEOPLE = select(person.c.id).where(person.c.agency == bindparam("of_agency"))
_DRAFTS = delete(draft).where(draft.c.case_id == bindparam("of_case"), draft.c.person.in_(_PEOPLE))


def cut_off(connection: Connection, case: Case, agency: str) -> None:
    """Take from an agency its drafts, and the key of the subject, unless another case of the same one is its own.

    The last key of a subject stays, although nobody may use it: what was said would be lost with it.
    """
    named = {"of_subject": case.subject, "of_agency": agency}
    connection.execute(_KEY, named)
    connection.execute(_DRAFTS, {"of_case": case.id, "of_agency": agency})
