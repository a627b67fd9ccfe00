"""Templates of users: what they can say, what is refused with which words, and that every one of them ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import TemplateFault
from streams.text.template import NAMES, OUTPUT, SOURCE, STEPS, compiled, rendered

ALERT = {
    "message": "80 % fail",
    "severity": "critical",
    "labels": {"upstream": "search", "items": "7"},
    "doubts": [],
}
VALUES = {
    "state": "FIRING", "severity": "critical", "title": "tool-errors", "team": "payments", "reason": "first",
    "at": "now", "delayed": False, "count": 3, "more": 0, "others": "ben", "next": "", "alerts": [ALERT] * 20,
}  # fmt: skip
LOOPS = "{% for a in alerts %}" * 4 + "{% endfor %}" * 4


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ state }}: {{ title | upper }}", "FIRING: TOOL-ERRORS"),
        ("{{ alerts[0].message }} on {{ alerts[0].labels.upstream }}", "80 % fail on search"),
        ("{{ alerts[0].labels.items }}{{ alerts[0].labels.nothing.at.all }}", "7"),
        ("{% for a in alerts[:2] %}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %}", "1, 2"),
        (
            "{% for n in alerts[0].labels %}{{ n }}={{ alerts[0].labels[n] }} {% endfor %}",
            "upstream=search items=7 ",
        ),
        ("{{ 'all' if severity in ('critical', 'warning') else 'none' }}", "all"),
        ("{{ others | default('nobody') }} {{ title | truncate(5) }} {{ count | round }}", "ben to... 3"),
        ("{{ title.upper }}{{ title.__class__ }}{{ alerts.append }}", ""),
        ("{{ [title, team] | join('-') | replace('-', '+') }}", "tool+errors+payments"),
    ],
)
def test_what_it_can_say(source: str, text: str) -> None:
    """Values, choices, loops and some filters; what is missing is empty, and nothing has attributes of its own."""
    assert rendered(source, VALUES) == text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ titel }}", "did you mean `title`"),
        ("{{ x }}", "there are state"),
        ("{{ title", "line 1"),
        ("\n\n{% if %}", "line 3"),
        ("{{ title() }}", "`call` is not available"),
        ("{% set a = 1 %}", "`assign` is not available"),
        ("{{ 'a' * 9 }}", "`mul` is not available"),
        ("{{ 'a' ~ 'b' }}", "`concat` is not available"),
        ("{{ '%9999999999d' % 1 }}", "`mod` is not available"),
        ("{% include 'x' %}", "`include` is not available"),
        ("{% macro m() %}{% endmacro %}", "`macro` is not available"),
        ("{{ title | center(1000000000) }}", "no filter `center`"),
        ("{% if title is sameas(1) %}{% endif %}", "no test `sameas`"),
        ("{% for a in alerts recursive %}{% endfor %}", "recursive"),
        ("{% for a in alerts %}" * 30 + "{% endfor %}" * 30, "nested too deeply"),
        ("x" * (SOURCE + 1), f"at most {SOURCE}"),
    ],
)
def test_what_is_refused_before(source: str, words: str) -> None:
    """With the line, and what there is instead."""
    with pytest.raises(TemplateFault, match=words):
        compiled(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (LOOPS, f"more than {STEPS} steps"),
        (
            "{% for a in alerts %}{% for b in alerts %}{{ reason | upper }}" * 2
            + "{% endfor %}{% endfor %}" * 2,
            "steps",
        ),
        ("{% for a in alerts %}" + "x" * 500 + "{% endfor %}", f"more than {OUTPUT} characters"),
        ("{{ " + "'" + "a" * 900 + "' | replace('a', 'bbbbbbbbbb') }}", f"more than {OUTPUT} characters"),
        ("{{ alerts | join('" + "x" * 500 + "') }}", f"more than {OUTPUT} characters"),
        ("{{ alerts | round }}", "it fails: TypeError"),
    ],
)
def test_what_ends_before_it_is_through(source: str, words: str) -> None:
    """In steps and in characters, not in seconds: so it is the same wherever it runs."""
    with pytest.raises(TemplateFault, match=words):
        rendered(source, VALUES)


@pytest.mark.parametrize("extra", [0, 1])
def test_limits(extra: int) -> None:
    """At each bound all is there; one beyond it nothing is."""
    values = VALUES | {"reason": "x" * (OUTPUT + extra), "alerts": [ALERT] * (STEPS + extra)}
    for source in ("{{ reason }}", "{% for a in alerts %}{% endfor %}", "{# #}".ljust(SOURCE + extra)):
        if extra:
            with pytest.raises(TemplateFault):
                rendered(source, values)
        else:
            assert rendered(source, values) is not None


PIECES = st.sampled_from(
    [
        "{{ title }}", "{{ alerts }}", "{% for a in alerts %}", "{% endfor %}", "{% if count %}", "{% endif %}",
        "{{ a.labels }}", "{{ alerts | join | upper }}", "{{ title | replace('o', title) }}", "{{ title | length }}",
        "words ", "{% else %}", "{{", "}}", "{{ alerts | first }}", "{{ title | truncate(3) }}", "{{ count.x[title] }}",
        "{# no #}", "{% raw %}", "{{ -count }}",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60))
def test_whatever_is_written(source: str) -> None:
    """A template gives a text within its bound, or says why it gives none; nothing else can happen."""
    try:
        text = rendered(source, VALUES)
    except TemplateFault:
        return
    assert len(text) <= OUTPUT


def test_every_name_is_a_value() -> None:
    """What the manual promises is there."""
    for name in NAMES:
        assert rendered(f"{{{{ {name} is defined }}}}", VALUES) == "True"
