"""Rules at work: CEL compiled and type-checked once, asked with values, never answering more than is known.

One evaluator (Google's CEL runtime) for the lawyer's conditions and the drafter's rules. Its traps are closed here:
only declared names with types, only a boolean that is true counts, and an answer that hangs on a missing value is
`Missing`, never false and never true.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel

Value = str | int | Sequence[str]
MOST_LETTERS = 2_000
_TYPES = {
    "string": cel.Type.STRING,
    "int": cel.Type.INT,
    "list": cel.Type.List(cel.Type.STRING),
    "rows": cel.Type.List(cel.Type.DYN),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_COMPARED = re.compile(
    r'([A-Za-z_][\w.]*)\s*(?:==|!=)\s*("[^"]*"|\'[^\']*\')|("[^"]*"|\'[^\']*\')\s*(?:==|!=)\s*([A-Za-z_][\w.]*)'
)
_LISTED = re.compile(r"([A-Za-z_][\w.]*)\s+in\s+\[([^\]]*)\]")


class RuleError(Exception):
    """A CEL text that cannot be a rule; the message says why."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The answer hangs on these names, which have no value yet."""

    names: tuple[str, ...]


@dataclass(slots=True)
class Compiler:
    """Compiles rules over one set of typed names; equal texts share one program."""

    types: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    _environment: Any = field(init=False)
    _programs: dict[str, "Guard"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._environment = cel.NewEnv(variables={name: _TYPES[kind] for name, kind in self.types.items()})

    def compile(self, text: str) -> "Guard":
        """A guard for the CEL text; raises RuleError when it is no rule over these names."""
        known = self._programs.get(text)
        if known is not None:
            return known
        if len(text) > MOST_LETTERS:
            raise RuleError(f"longer than {MOST_LETTERS} letters: split the rule into facts")
        try:
            program = self._environment.compile(text)
        except RuntimeError as error:
            raise RuleError(_plain(str(error))) from None
        if program.return_type() != cel.Type.BOOL:
            raise RuleError("the rule gives no yes or no: compare something")
        self._check_words(text)
        bare = _TEXT.sub('""', text)
        names = tuple(sorted({name for found in _NAME.findall(bare) if (name := self._known(found))}))
        guard = Guard(text, names, program)
        self._programs[text] = guard
        return guard

    def _known(self, found: str) -> str | None:
        """The declared name at the head of a dotted one: `people` of `people.all`, `reception.beds` of itself."""
        while found and found not in self.types:
            found = found.rpartition(".")[0]
        return found or None

    def _check_words(self, text: str) -> None:
        compared = [(a or d, b or c) for a, b, c, d in _COMPARED.findall(text)]
        for name, listed in _LISTED.findall(text):
            compared += [(name, word) for word in _TEXT.findall(listed)]
        for name, quoted in compared:
            word, words = quoted[1:-1], self.words.get(name, ())
            if words and word not in words:
                raise RuleError(f"'{name}' is never '{word}': it can be {', '.join(words)}")


@dataclass(frozen=True, slots=True)
class Guard:
    """A compiled rule and the names that it reads."""

    text: str
    names: tuple[str, ...]
    program: Any = field(repr=False, compare=False)

    def answer(self, values: Mapping[str, Value]) -> bool | Missing:
        """True or false when the values decide it, else what is missing.

        CEL's own logic absorbs a missing value where the other side decides (`true || ?`, `false && ?`), which is
        sound: the result is then the same for every value of what is missing. A rule that fails on its values (a row
        without the column that it reads, more rows than the evaluator will go through) is not known either.
        """
        given = {name: values[name] for name in self.names if name in values}
        try:
            value = self.program.eval(data=given).value()
        except RuntimeError:
            value = None
        if value is True:
            return True
        if value is False:
            return False
        return Missing(tuple(name for name in self.names if name not in values) or self.names)


def _plain(message: str) -> str:
    text = message.split("\n")[0]
    unknown = re.search(r"undeclared reference to '([^']*)'", text)
    if unknown:
        return f"'{unknown[1]}' is no fact and no open field here"
    if "Syntax error" in text:
        return "the rule is not readable as CEL: " + text.split("Syntax error: ")[-1].split(" expecting")[0]
    text = re.sub(r"^INVALID_ARGUMENT: ERROR: <input>:\d+:\d+: ", "", text)
    return re.sub(r" \(in container ''\)|\[INVALID_ARGUMENT\]", "", text).strip()
