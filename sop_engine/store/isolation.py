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
    """Make the role and its policies, again and again alike; nothing where it is not there and may not be made."""
    _try(connection, f"CREATE ROLE {ROLE} NOLOGIN", "duplicate_object OR unique_violation OR insufficient_privilege")
    if connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": ROLE}).first() is None:
        return
    if not _may_be(connection):
        _try(connection, f"GRANT {ROLE} TO CURRENT_USER", "insufficient_privilege OR invalid_grant_operation")
    connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}"))
    for table, shown in POLICIES.items():
        connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
        connection.execute(text(f"DROP POLICY IF EXISTS reads_for ON {table}"))
        connection.execute(text(f"CREATE POLICY reads_for ON {table} FOR SELECT TO {ROLE} USING ({shown})"))


def _try(connection: Connection, statement: str, faults: str) -> None:
    """Run a statement that may not be ours to run: a role is of the whole server, not of one database."""
    connection.execute(text(f"DO $$ BEGIN {statement}; EXCEPTION WHEN {faults} THEN NULL; END $$"))


def _may_be(connection: Connection) -> bool:
    """Whether this login may read as the role, which must be there."""
    right = "SET" if (connection.dialect.server_version_info or (0,)) >= (16,) else "MEMBER"
    asked = text("SELECT pg_has_role(oid, :right) FROM pg_roles WHERE rolname = :name")
    return bool(connection.execute(asked, {"right": right, "name": ROLE}).scalar_one_or_none())


def is_in_force(connection: Connection) -> bool:
    """Whether agencies are read for by the role here: this login may be it, and this database binds it."""
    bound = text("SELECT count(*) FROM pg_policies WHERE schemaname = current_schema() AND policyname = 'reads_for'")
    return _may_be(connection) and connection.execute(bound).scalar_one() == len(POLICIES)


def read_as(connection: Connection, agency: str, now: str) -> None:
    """Bind what is left of this transaction to what an agency may see at a time."""
    connection.execute(
        text("SELECT set_config('sop.agency', :agency, true), set_config('sop.now', :now, true),"
             " set_config('role', :role, true)"),
        {"agency": agency, "now": now, "role": ROLE},
    )  # fmt: skip
