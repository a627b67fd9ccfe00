"""What tests of messages share: anything that a typed struct can hold, drawn from its type alone."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

LEAST, LARGEST = -(2**53), 2**53
texts, finite = st.text(max_size=6), st.floats(allow_nan=False, allow_infinity=False)
PLAIN: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.IntType: st.integers(LEAST, LARGEST),
    inspect.FloatType: finite,
    inspect.StrType: texts,
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
    inspect.AnyType: st.none() | st.booleans() | st.integers(-9, 9) | texts,
}


def bodies(kind: type[Any]) -> st.SearchStrategy[Any]:
    """JSON of a struct: every field that must be there, and any of the others."""
    return drawn(inspect.type_info(kind))


def drawn(info: inspect.Type) -> st.SearchStrategy[Any]:
    """JSON of a type."""
    if type(info) in PLAIN:
        return PLAIN[type(info)]
    if isinstance(info, inspect.EnumType):
        return st.sampled_from([member.value for member in info.cls])
    if isinstance(info, inspect.LiteralType):
        return st.sampled_from(info.values)
    return struct(info) if isinstance(info, inspect.StructType) else several(info)


def several(info: inspect.Type) -> st.SearchStrategy[Any]:
    """JSON of a type that consists of others."""
    match info:
        case inspect.UnionType():
            return st.one_of(*map(drawn, info.types))
        case inspect.TupleType():
            return st.tuples(*map(drawn, info.item_types)).map(list)
        case inspect.VarTupleType() | inspect.ListType():
            return st.lists(drawn(info.item_type), max_size=2)
        case inspect.DictType():
            return st.dictionaries(texts, drawn(info.value_type), max_size=2)
    raise AssertionError(f"messages hold nothing like {info}")


def struct(info: inspect.StructType) -> st.SearchStrategy[Any]:
    """JSON of a struct, its word included where it has one."""
    must = {field.encode_name: drawn(field.type) for field in info.fields if field.required}
    may = {field.encode_name: drawn(field.type) for field in info.fields if not field.required}
    if "schema" in may:
        must["schema"] = st.just(1)
        del may["schema"]
    if info.tag_field is not None:
        must[info.tag_field] = st.just(info.tag)
    return st.fixed_dictionaries(must, optional=may)
