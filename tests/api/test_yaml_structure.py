"""Files that are no list of documents: each is refused at its line and column, in time, and says what helps."""

from __future__ import annotations

import re
import time

import pytest

from api.files.yaml_documents import LARGEST, read

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"b{n}: &b{n} [{','.join([f'*b{n - 1}' if n else '*a'] * 9)}]\n" for n in range(30)
)
CHAIN = "".join(f"- &a{n} [{f'*a{n - 1}' if n else 'x'}]\n" for n in range(2_000))


def troubles(text: str) -> list[str]:
    """What is wrong with a file, as it is printed."""
    return [str(one) for one in read(text, "f.yaml")[1]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules:\n\t- name: x\n", "f.yaml:2: column 1: .*indent with spaces, not with tabs"),
        ("rules:\n  - name: x: y\n", "f.yaml:2: column 12: .*in quotes"),
        ("rules:\n  - name: x\n   last: y\n", "f.yaml:3: column 4: .*not indented"),
        ("rules:\n  - name: 'x\n", "f.yaml:3: column 1: .*is not closed"),
        ("rules:\n  - message: {value} fails\n", "f.yaml:2: column 22: .*put the whole value in quotes"),
        ("rules:\n  - runbook: `x`\n", "f.yaml:2: column 14: .*put the whole value in quotes"),
        ("rules:\n  - name: *x\n", "f.yaml:2: column 11: .*begins with `\\*` in quotes"),
        ("rules:\n  - name: a\0b\n", "f.yaml:2: column 12: the sign U\\+0000"),
        ("- name: x\n", "f.yaml:1: a file holds sections .*, not a list: begin with `rules:`"),
        ("rules:\n  name: x\n", "f.yaml:1: `rules` must hold a list: begin each document with `- name"),
        ("rules: []\nrules: []\n", "f.yaml:2: `rules` is written twice here: keep one"),
        ("rules:\n- name: r\n  above: {warning: 1, warning: 2}\n", "f.yaml:3: `warning` is written twice"),
        ("rulse: []\n", "f.yaml:1: there is no section `rulse`; did you mean `rules`?"),
        ("rules: " + "[" * 3_000 + "]" * 3_000, "f.yaml:1: this is nested more than 50 levels deep"),
        ("# " + "x" * LARGEST, "f.yaml:1: this is larger than 4 MB: split it into several files"),
        (CHAIN, "nested more than 50 levels deep"),
        (BOMB, "aliases .* make more than 400000 values of this: write out what is meant"),
    ],
)
def test_what_is_wrong_has_its_place(text: str, words: str) -> None:
    """Line, column where YAML itself is broken, and what usually helps; however aliases multiply, soon."""
    begun = time.process_time()
    assert re.search(words, "\n".join(troubles(text)))
    assert time.process_time() - begun < 4


def test_nothing_between_two_lines_is_nothing() -> None:
    """An empty document of a stream is no trouble."""
    assert read("---\n---\nrules: []\n# the end\n", "f.yaml") == ([], [])
