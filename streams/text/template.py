"""Templates that users write: Jinja2's sandbox, narrowed to what says something, and bounded in every direction.

A template may show values, choose by them and go through alerts and labels. It cannot assign, call, calculate or join
texts, so that nothing in it grows; loops and filters are counted, so that it ends: the same template and values give
the same text or the same refusal, on any machine, however busy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import ChainableUndefined, Environment, Template, TemplateSyntaxError, meta, nodes, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from streams.errors import TemplateFault
from streams.text.nearest import nearest

SOURCE, OUTPUT = 4_000, 8_000  # characters of a template, and of what it gives
DEEP = "is nested too deeply: write it flatter"
STEPS = 2_000  # rounds of loops and uses of filters
NAMES = (
    "state", "severity", "title", "team", "reason", "at", "delayed", "count", "more", "others", "next", "alerts",
)  # fmt: skip
_COUNTER, _COUNTED = "steps__", "counted__"
_OF_LOOP = frozenset({"index", "index0", "revindex", "first", "last", "length"})
_NODES = (
    "And", "Compare", "CondExpr", "Const", "Filter", "For", "Getattr", "Getitem", "If", "List", "Name", "Neg", "Not",
    "Operand", "Or", "Output", "Slice", "Template", "TemplateData", "Test", "Tuple",
)  # fmt: skip
_FILTERS = (
    "capitalize", "default", "d", "first", "int", "join", "last", "length", "lower", "replace", "round", "title",
    "trim", "truncate", "upper",
)  # fmt: skip
_TESTS = (
    "defined", "undefined", "none", "string", "number", "even", "odd", "in", "eq", "ne", "lt", "gt", "le", "ge",
)  # fmt: skip


class Steps:
    """How much a rendering has done."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._count = 0

    def count(self) -> None:
        """One more; TemplateFault where that is too much."""
        self._count += 1
        if self._count > STEPS:
            raise TemplateFault(f"it takes more than {STEPS} steps: loop over less")


def rendered(source: str, values: Mapping[str, Any]) -> str:
    """What a template gives for values under NAMES; TemplateFault where it cannot."""
    size, pieces = 0, list[str]()
    try:
        for piece in compiled(source).generate({**values, _COUNTER: Steps()}):
            size += len(piece)
            if size > OUTPUT:
                raise TemplateFault(f"it gives more than {OUTPUT} characters")
            pieces.append(piece)
    except TemplateFault:
        raise
    except Exception as why:  # noqa: BLE001  # whatever it is, it is the template's
        raise TemplateFault(f"it fails: {type(why).__name__}: {why!s:.100}") from None
    return "".join(pieces)


@lru_cache(maxsize=256)
def compiled(source: str) -> Template:
    """A template, ready; TemplateFault says what to change."""
    if len(source) > SOURCE:
        raise TemplateFault(f"has {len(source)} characters: at most {SOURCE}")
    sandbox = _sandbox()
    try:
        tree = sandbox.parse(source)
    except TemplateSyntaxError as why:
        raise TemplateFault(f"line {why.lineno}: {why.message}") from None
    except RecursionError:
        raise TemplateFault(DEEP) from None
    for node in tree.find_all(nodes.Node):
        _allow(node)
    for name in sorted(meta.find_undeclared_variables(tree) - {*NAMES}):
        near = nearest(name, NAMES)
        hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(NAMES)}"
        raise TemplateFault(f"knows no `{name}`: {hint}")
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.lineno)
    try:
        return sandbox.template_class.from_code(sandbox, sandbox.compile(tree), {})
    except (SyntaxError, RecursionError, MemoryError):  # Python nests twenty loops
        raise TemplateFault(DEEP) from None


def _allow(node: nodes.Node) -> None:
    """Refuse whatever is not on the list: the language has much by which a text could grow or never end."""
    kind, line = type(node).__name__, f"line {node.lineno}"
    if kind not in _NODES:
        raise TemplateFault(f"{line}: `{kind.lower()}` is not available in messages")
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        raise TemplateFault(f"{line}: there is no filter `{node.name}`; there are {', '.join(_FILTERS)}")
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        raise TemplateFault(f"{line}: there is no test `{node.name}`; there are {', '.join(_TESTS)}")
    if isinstance(node, nodes.For) and node.recursive:
        raise TemplateFault(f"{line}: a loop cannot be recursive")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's immutable sandbox, in which a value has nothing but what stands in it; what is missing is empty."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What stands under a name; of a loop where it stands."""
        if isinstance(obj, LoopContext) and attribute in _OF_LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """What stands under a name, at a place, or between two."""
        within: Any = obj  # whatever a message holds
        place: Any = argument
        try:
            if isinstance(obj, Mapping) or (isinstance(obj, Sequence) and isinstance(argument, int | slice)):
                return within[place]
        except (LookupError, TypeError):
            pass
        return self.undefined(obj=obj, name=f"{place}")


@lru_cache(maxsize=1)
def _sandbox() -> _Sandbox:
    """The environment of all templates."""
    sandbox = _Sandbox(undefined=ChainableUndefined, trim_blocks=True, lstrip_blocks=True)
    usual: dict[str, Any] = vars(sandbox)["filters"]
    sandbox.filters = {name: _bounded(sandbox, _OWN.get(name) or usual[name]) for name in _FILTERS}
    sandbox.filters[_COUNTED] = _counted
    return sandbox


@pass_context
def _counted(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    """The rounds of a loop, each of which counts."""
    for value in values:
        context[_COUNTER].count()
        yield value


def _bounded(sandbox: Environment, own: Callable[..., Any]) -> Callable[..., Any]:
    """A filter each use of which counts."""
    wants = str(getattr(own, "jinja_pass_arg", ""))

    @pass_context
    def use(context: Context, value: Any, *more: Any, **named: Any) -> Any:
        context[_COUNTER].count()
        first = [context.eval_ctx] if "eval" in wants else [sandbox] if wants else []
        return own(*first, value, *more, **named)

    return use


def _replaced(value: Any, old: str, new: str) -> str:
    """A text with other words in it, unless it would be too long."""
    text, old, new = str(value), str(old), str(new)
    if len(text) + text.count(old) * max(0, len(new) - len(old)) > OUTPUT:
        raise TemplateFault(f"it gives more than {OUTPUT} characters")
    return text.replace(old, new)


def _joined(values: Iterable[Any], between: str = "") -> str:
    """Texts side by side, unless that is too long."""
    texts = [str(value) for _, value in zip(range(STEPS), values, strict=False)]
    if sum(map(len, texts)) + len(str(between)) * len(texts) > OUTPUT:
        raise TemplateFault(f"it gives more than {OUTPUT} characters")
    return str(between).join(texts)


_OWN: dict[str, Callable[..., Any]] = {"replace": _replaced, "join": _joined}
