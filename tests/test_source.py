"""What the code itself must never do: run text as a program, load objects, speak to whom nobody set, draw lots."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = sorted([*(ROOT / "sop_engine").rglob("*.py"), *(ROOT / "web").rglob("*.py")])
TEMPLATES = sorted((ROOT / "web").rglob("templates/**/*"))
READS_TEXT_AS_PROGRAM = {"eval", "exec", "compile", "__import__"}
MAKES_OBJECTS = {"pickle", "marshal", "shelve", "dill", "jsonpickle"}
CONNECTS = {"socket", "smtplib", "urllib.request", "http.client", "ftplib", "requests", "httpx", "aiohttp", "ssl"}
WRITES_ELSEWHERE = {"tempfile"}


def trees() -> Iterator[tuple[str, ast.AST]]:
    for file in CODE:
        yield str(file.relative_to(ROOT)), ast.parse(file.read_text("utf-8"))


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Every call: the file, what is called as it is written, and the call."""
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, ast.unparse(node.func), node


def importing(modules: set[str]) -> set[tuple[str, str]]:
    """Which files import one of these modules, or something out of it."""
    found = set()
    for name, tree in trees():
        for node in ast.walk(tree):
            named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                named = [node.module or "", *(f"{node.module}.{one.name}" for one in node.names)]
            found |= {(name, one) for one in named if one in modules}
    return found


def test_nothing_reads_text_as_a_program() -> None:
    assert [(name, called) for name, called, _ in calls() if called in READS_TEXT_AS_PROGRAM] == []


def test_nothing_untrusted_becomes_an_object() -> None:
    assert importing(MAKES_OBJECTS) == set()
    loaders = {ast.unparse(call) for _, called, call in calls() if called.startswith(("yaml.load", "yaml.parse"))}
    assert loaders
    assert all(one.endswith("Loader=yaml.CBaseLoader)") for one in loaders), loaders


def test_programs_are_started_from_a_list_and_through_no_shell() -> None:
    started = [(name, called, call) for name, called, call in calls() if called.startswith(("subprocess.", "os."))]
    assert {name for name, called, _ in started if called.startswith("subprocess.")} == {
        "sop_engine/services/uploads/__init__.py", "sop_engine/services/uploads/scanning.py",
        "sop_engine/store/copying.py", "sop_engine/store/epochs.py",
    }  # fmt: skip
    for name, called, call in started:
        assert not called.startswith(("os.system", "os.popen", "os.exec", "os.spawn", "os.posix_spawn")), name
        assert not any(word.arg == "shell" for word in call.keywords), name
        assert called != "subprocess.run" or not isinstance(call.args[0], ast.Constant | ast.JoinedStr), name


def test_a_connection_is_opened_to_the_mail_server_and_by_the_driver_of_the_database_alone() -> None:
    assert importing(CONNECTS) == {
        ("sop_engine/services/identity_provider.py", "http.client"),
        ("sop_engine/services/post.py", "smtplib"), ("sop_engine/services/post.py", "ssl"),
        ("sop_engine/cli/running.py", "socket"),
    }  # fmt: skip
    asked = [one for name, called, call in calls() if called.startswith("socket.") for one in [(name, called)]]
    assert asked == [("sop_engine/cli/running.py", "socket.socket")]  # whether a port of this machine is free


def test_no_temporary_file_is_made() -> None:
    assert importing(WRITES_ELSEWHERE) == set()


def test_what_must_not_be_guessed_comes_from_the_system() -> None:
    drawn = {name for name, _ in importing({"random", "random.Random"})}
    assert {name for name in drawn if not name.startswith("sop_engine/demo/")} == set()


def test_only_approved_hash_functions_are_used() -> None:
    used = {called for _, called, _ in calls() if re.fullmatch(r"(hashlib|hmac)\.\w+", called)}
    assert used == {"hashlib.sha256", "hmac.digest", "hmac.compare_digest"}
    keyed = [ast.unparse(node) for _, called, node in calls() if called == "hmac.digest"]
    assert all("'sha256'" in one for one in keyed), keyed


def test_no_pattern_and_no_template_is_made_from_what_is_sent() -> None:
    made = {
        (name, ast.unparse(call.args[0]))
        for name, called, call in calls()
        if re.fullmatch(r"re\.(compile|match|fullmatch|search|sub|split|findall|finditer)", called)
        and not isinstance(call.args[0], ast.Constant)
    }
    # Each is put together from constants of the same file.
    assert {name for name, _ in made} == {
        "sop_engine/sop/standards.py", "sop_engine/services/spelling.py", "sop_engine/services/written.py",
        "web/layout/mistakes.py",
    }  # fmt: skip
    assert not [
        name for name, called, _ in calls() if called.endswith(("render_template_string", "from_string", "Template"))
    ]


def test_every_page_says_whether_it_reads_an_address_or_a_form() -> None:
    mixed = ("request.values", "request.get_json", "request.get_data", "request.data")
    found = {(name, ast.unparse(node)) for name, tree in trees() for node in ast.walk(tree)
             if isinstance(node, ast.Attribute) and ast.unparse(node) in mixed}  # fmt: skip
    # What was sent with a key, as a whole, to know it again.
    assert found == {("web/api/door.py", "request.get_data")}


def test_every_template_escapes_what_is_put_in() -> None:
    files = [file for file in TEMPLATES if file.is_file()]
    assert len(files) > 40
    assert {file.suffix for file in files} == {".html"}
    left_open = {
        (file.name, found.strip())
        for file in files
        for found in re.findall(r"[\w)]+\s*\|\s*safe\b", file.read_text("utf-8"))
    }
    # The QR code of a sheet, drawn here; and which help belongs to a field, by the name that a procedure gives it.
    assert left_open == {("sheet.html", "picture|safe"), ("fields.html", "))|safe")}
    assert not [file for file in files if "autoescape false" in file.read_text("utf-8")]


def test_the_script_of_the_pages_puts_text_in_as_text_and_keeps_nothing_on_the_device() -> None:
    scripts = [file for file in (ROOT / "web").rglob("*.js") if "bootstrap" not in file.parts]
    assert scripts
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage"
    )
    for file in scripts:
        assert (
            re.findall(forbidden + r"|indexedDB|postMessage|document\.cookie|__proto__", file.read_text("utf-8")) == []
        )


@pytest.mark.parametrize("file", ["sop_engine/sop/wording.py", "sop_engine/services/telling.py"])
def test_what_is_put_into_a_sentence_is_never_read_as_a_pattern(file: str) -> None:
    formats = {name for name, called, _ in calls() if called.endswith(".format")}
    assert file in formats
    assert formats <= {"sop_engine/sop/wording.py", "sop_engine/services/telling.py"}
    from sop_engine.sop.loading import standard_library
    from sop_engine.sop.wording import Wording

    procedure = next(iter(standard_library().procedures.values()))
    hostile = "{0.__class__.__mro__} {x!r:>999999999} %s"
    assert Wording(procedure).say("{a} is asked", a=hostile) == f"{hostile} is asked"
