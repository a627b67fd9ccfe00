"""The code as a graph: which module imports which, which classes there are, and what is decided by what."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXTS = frozenset({"reason"})  # what is words for people
LOOKS = frozenset({"startswith", "endswith", "removeprefix", "removesuffix", "find", "index", "count"})
COMPARED = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def module_name(file: Path) -> str:
    """The dotted name of a file."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(files: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Which of the modules each imports, wherever in the file it says so, for type checkers alone included."""
    graph: dict[str, set[str]] = {}
    for module, tree in files.items():
        wanted: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                wanted |= {each.name for each in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{each.name}" for each in node.names}
                wanted |= (inner & files.keys()) or {node.module}
        graph[module] = (wanted & files.keys()) - {module}
    return graph


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The sets of modules each of which can be reached from every other, by imports; sorted."""
    reached = {module: _reachable(graph, module) for module in graph}
    rings = {
        tuple(sorted({module, *(other for other in reached[module] if module in reached[other])}))
        for module in graph
    }
    return sorted(list(ring) for ring in rings if len(ring) > 1)


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for module in graph[waiting.pop()] - seen:
            seen.add(module)
            waiting.append(module)
    return seen


def classes(files: dict[str, ast.Module]) -> dict[str, list[str]]:
    """The modules of each class that stands at the top of one, by the name of the class."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, tree in files.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(module)
    return found


def branches_on_text(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Where words for people are looked into: compared with others, searched, or cut by what they begin with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(each, COMPARED) for each in node.ops):
            sides = [node.left, *node.comparators]
            empty = any(isinstance(side, ast.Constant) and side.value in ("", None) for side in sides)
            if any(map(_is_text, sides)) and not empty:
                yield node.lineno, ast.unparse(node)
        if isinstance(node, ast.Call) and _looks_into_text(node.func):
            yield node.lineno, ast.unparse(node)


def _looks_into_text(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in LOOKS and _is_text(called.value)


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word in TEXTS
        case ast.Subscript(slice=ast.Constant(value=word)):
            return word in TEXTS
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=word), *_]):
            return word in TEXTS
        case ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=word)]):
            return word in {"why", "error", "failure", "refused"}
    return False


def packed(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Assignments that set more than three things at once to as many values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and len(target.elts) > 3:
                    yield node.lineno, ast.unparse(node)


def names_any(tree: ast.Module) -> Iterator[int]:
    """The lines that name the type of what has none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "Any":
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and any(each.name == "Any" for each in node.names):
            yield node.lineno
