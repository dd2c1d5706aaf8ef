"""Below the application: PostgreSQL itself shows an agency no row of a case to which it has no relation.

A role that owns nothing reads for agencies; row-level security (https://www.postgresql.org/docs/current/ddl-rowsecurity.html)
binds it to the agency and the time that are set for one transaction, so that a pool of connections keeps nothing. What
is written, and what is read across agencies, goes on as the owner. Where the role cannot be made, `doctor` tells.
"""

from sqlalchemy import Connection, text

ROLE = "sop_engine_reader"
_AGENCY, _NOW = "current_setting('sop.agency', true)", "current_setting('sop.now', true)"


def _related(case: str) -> str:
    """Whether the reader has a relation to the case whose id stands in this column.

    `OFFSET 0` has each row looked up by the key of `access`; else PostgreSQL may read all relations of an agency first.
    """
    return (
        f"EXISTS (SELECT 1 FROM access a WHERE a.case_id = {case}"  # noqa: S608 names of our own
        f" AND a.agency = {_AGENCY} AND (a.until IS NULL OR a.until > {_NOW}) OFFSET 0)"  # nosec B608
    )


# Whoever reads a case in an emergency opens it with a key of those at work: none is wrapped for her agency.
_IN_AN_EMERGENCY = (
    "EXISTS (SELECT 1 FROM access a JOIN standing s ON s.case_id = a.case_id"  # noqa: S608 names of our own
    f" WHERE s.subject = subject_key.subject AND a.agency = {_AGENCY}"
    f" AND a.relation = 'emergency' AND a.until > {_NOW})"  # nosec B608
)
# What binds the reader, table by table; all others it reads whole. How a case stands is told with its parent.
POLICIES = {
    "standing": f"{_related('standing.case_id')} OR {_related('standing.parent')}",
    # A sheet that was printed blank is of no case yet.
    "sheet": f"case_id IS NULL OR {_related('sheet.case_id')}",
    "access": f"agency = {_AGENCY}",
    "subject_key": f"agency = {_AGENCY} OR {_IN_AN_EMERGENCY}",
    **{
        name: _related(f"{name}.case_id")
        for name in (
            "vault",
            "journal",
            "held",
            "awaited",
            "finding",
            "item",
            "draft",
            "reading",
            "link",
            "own_view",
        )
    },
}


def install(connection: Connection) -> None:
    """Make the role and its policies, again and again alike; does nothing where no role may be made here."""
    if not _has_role(connection):
        return
    connection.execute(text(f"GRANT {ROLE} TO CURRENT_USER"))
    connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}"))
    for table, shown in POLICIES.items():
        connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
        connection.execute(text(f"DROP POLICY IF EXISTS reads_for ON {table}"))
        connection.execute(text(f"CREATE POLICY reads_for ON {table} FOR SELECT TO {ROLE} USING ({shown})"))


def _has_role(connection: Connection) -> bool:
    """Whether the role is there, made if need be; a role is of the whole server, not of one database."""
    make = (
        f"DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN; "
        "EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL; END $$"
    )
    connection.execute(text(make))
    return is_there(connection)


def is_there(connection: Connection) -> bool:
    """Whether the role is there by which agencies read."""
    found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": ROLE})
    return found.first() is not None


def read_as(connection: Connection, agency: str, now: str) -> None:
    """Bind what is left of this transaction to what an agency may see at a time."""
    connection.execute(
        text("SELECT set_config('sop.agency', :agency, true), set_config('sop.now', :now, true),"
             " set_config('role', :role, true)"),
        {"agency": agency, "now": now, "role": ROLE},
    )  # fmt: skip
