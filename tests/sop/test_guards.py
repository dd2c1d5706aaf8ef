"""Rules: only a true boolean counts, what is missing is never guessed, names and words are checked when compiled."""

import itertools

import pytest

from sop_engine.sop.guards import Compiler, Missing, RuleError


@pytest.fixture
def compiler() -> Compiler:
    types = {
        "is_child": "string",
        "part": "string",
        "beds": "int",
        "reception.beds": "int",
        "marks": "list",
        "people": "rows",
    }
    return Compiler(types, {"is_child": ("yes", "no", "doubt"), "part": ("victim", "suspect")})


def test_a_rule_gives_yes_or_no(compiler: Compiler) -> None:
    rule = compiler.compile('is_child == "yes"')
    assert rule.answer({"is_child": "yes"}) is True
    assert rule.answer({"is_child": "no"}) is False


def test_a_missing_value_is_named(compiler: Compiler) -> None:
    assert compiler.compile("reception.beds >= 3").answer({}) == Missing(("reception.beds",))


def test_where_the_rest_decides_nothing_is_missing(compiler: Compiler) -> None:
    assert compiler.compile('is_child == "yes" || beds > 2').answer({"beds": 3}) is True
    assert compiler.compile('is_child == "yes" && beds > 2').answer({"beds": 1}) is False


def test_a_rule_that_fails_on_its_values_is_not_known(compiler: Compiler) -> None:
    rule = compiler.compile("people.all(p, p.name == 'x')")
    assert rule.answer({"people": [{"token": "1"}]}) == Missing(("people",))


def test_a_rule_over_too_many_rows_is_not_known(compiler: Compiler) -> None:
    rule = compiler.compile("people.all(p, people.exists(q, p.name != q.name))")
    few, many = [{"name": str(number)} for number in range(20)], [{"name": str(number)} for number in range(250)]
    assert rule.answer({"people": few}) is True
    assert compiler.compile("people.all(p, people.all(q, p.name != 'x'))").answer({"people": many}) == Missing(
        ("people",)
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nobody == 1", "is no fact and no open field"),
        ("beds", "gives no yes or no"),
        ('beds == "3"', "no matching overload"),
        ("beds >", "not readable as CEL"),
        ('part == "victm"', "is never 'victm'"),
        ('part in ["victim", "vctim"]', "is never 'vctim'"),
        ('"sspect" == part', "is never 'sspect'"),
        ("beds > 1 " * 1000, "longer than"),
    ],
)
def test_what_is_no_rule_is_refused_with_a_sentence(compiler: Compiler, text: str, sentence: str) -> None:
    with pytest.raises(RuleError, match=sentence):
        compiler.compile(text)


RULES = (
    'is_child != "no" && part == "victim"',
    'is_child == "yes" || part == "suspect" || beds > 1',
    '!(is_child == "no") && !(part == "suspect" && beds < 2)',
    'is_child in ["yes", "doubt"] ? beds > 1 : part == "victim"',
)
VALUES = {"is_child": ("yes", "no", "doubt"), "part": ("victim", "suspect"), "beds": (0, 1, 2)}


@pytest.mark.parametrize("text", RULES)
def test_a_missing_input_never_yields_more_than_every_value_of_it_would(compiler: Compiler, text: str) -> None:
    rule = compiler.compile(text)
    for known in itertools.product((False, True), repeat=len(rule.names)):
        given = [name for name, there in zip(rule.names, known, strict=True) if there]
        left_out = [name for name in rule.names if name not in given]
        for some in itertools.product(*(VALUES[name] for name in given)):
            partial = dict(zip(given, some, strict=True))
            answer = rule.answer(partial)
            wholes = [
                rule.answer({**partial, **dict(zip(left_out, rest, strict=True))})
                for rest in itertools.product(*(VALUES[name] for name in left_out))
            ]
            if answer is True:
                assert all(whole is True for whole in wholes)
            if answer is False:
                assert all(whole is False for whole in wholes)
