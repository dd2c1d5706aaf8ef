"""Who may do what with a case, written down once more by hand from the words of the requirement, not from the code.

A letter for each relation, in the order of `RELATIONS`: `A` all of it, `o` what the agency wrote or was asked itself.
"""

RELATIONS = (
    "holder", "with", "part", "opener", "offered", "support", "informed", "acted_for", "keeper", "former", "emergency",
)  # fmt: skip

MAY = {
    #          hold with part open offd supp info actf keep form emer
    "know":   "A    A    A    A    A    A    A    A    A    A    A",
    "act":    "A    A    A    A    A    A    A    A    A    A    -",
    "print":  "A    A    A    A    A    A    A    A    A    A    -",
    "list":   "A    A    A    A    A    -    -    -    A    o    A",
    "read":   "A    A    A    A    -    -    -    -    A    o    A",
    "copy":   "A    A    A    A    -    -    -    -    A    o    -",
    "words":  "A    A    A    A    -    o    -    -    A    -    A",
    "papers": "A    A    A    A    -    -    -    -    A    -    A",
    "keep":   "A    A    A    A    -    -    -    -    A    -    -",
    "history": "A   A    A    A    -    -    -    -    A    -    A",
    "record": "A    A    A    A    -    -    -    -    A    o    -",
    "find":   "A    A    A    A    -    -    -    -    A    o    -",
    "lead":   "A    -    -    -    -    -    -    -    -    -    -",
}  # fmt: skip

# What each address that names a case asks; whatever is not here and changes a case asks for `act`.
ASKS = {
    "know": {"cases.page", "cases.erasure", "together.of", "api-cases.one", "api-cases.history"},
    "print": {"paper.case", "paper.case_pdf", "api-paper.case"},
    "read": {"cases.step", "cases.way", "cases.why", "cases.say_why", "api-steps.one", "api-cases.way"},
    "copy": {"paper.with_answers", "api-paper.with_answers"},
    "papers": {"cases.look", "api-files.look"},
    "keep": {"cases.download", "api-files.whole"},
    "record": {
        "cases.record", "cases.keep", "cases.discard", "cases.upload", "cases.make_link", "api-steps.record",
        "api-steps.keep_draft", "api-steps.drop_draft", "api-files.send", "api-lists.link",
    },
    "lead": {"cases.join_form", "cases.looks", "api-cases.beside", "api-cases.looks"},
    # Of an operation they take those people whom the agency may take.
    "worker": {"worklist.accept_all", "api-lists.accept_many"},
}  # fmt: skip

# By which relations a case stands in the lists of an agency: what is only known, told or asked of it stands in none.
IN_LISTS = {"holder", "with", "part", "opener", "offered", "keeper", "former"}


def extent(permission: str, relation: str) -> str | None:
    """How far a permission goes by a relation: all, own, or None."""
    letter = MAY[permission].split()[RELATIONS.index(relation)]
    return {"A": "all", "o": "own", "-": None}[letter]


def asked_by(endpoint: str) -> str:
    """The permission that an address asks for."""
    return next((permission for permission, those in ASKS.items() if endpoint in those), "act")
