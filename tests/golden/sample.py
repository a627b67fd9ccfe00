"""A value of any type that a message or a row can hold, with every field in it; always the same one."""

from __future__ import annotations

from typing import Any

from msgspec import inspect

PLAIN: dict[type[inspect.Type], Any] = {
    inspect.IntType: 7, inspect.FloatType: 1.5, inspect.StrType: "text", inspect.BoolType: True,
    inspect.NoneType: None, inspect.AnyType: {"any": 1}, inspect.BytesType: "Ynl0ZXM=",
}  # fmt: skip
LATER = {"later": [1, {"x": None}]}  # a field that a newer version knows


def sample(info: inspect.Type, later: bool = False) -> Any:
    """Plain data that reads as the type; `later`: as a newer version writes it, with more in every struct."""
    if type(info) in PLAIN:
        return PLAIN[type(info)]
    if isinstance(info, inspect.EnumType):
        return next(iter(info.cls)).value
    if isinstance(info, inspect.LiteralType):
        return info.values[0]
    if isinstance(info, inspect.StructType):
        return _struct(info, later)
    return _several(info, later)


def _several(info: inspect.Type, later: bool) -> Any:
    match info:
        case inspect.UnionType():
            known = [each for each in info.types if not isinstance(each, inspect.NoneType)]
            return sample(known[0], later)
        case inspect.TupleType():
            return [sample(each, later) for each in info.item_types]
        case inspect.NamedTupleType():
            return [sample(field.type, later) for field in info.fields]
        case inspect.VarTupleType() | inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            return [sample(info.item_type, later)]
        case inspect.DictType():
            return {_key(info.key_type): sample(info.value_type, later)}
    raise AssertionError(f"neither messages nor rows hold anything like {info}")


def _key(info: inspect.Type) -> str:
    return str(sample(info))


def _field(field: inspect.Field, later: bool) -> Any:
    """Another value than the field's default, which some structs do not write."""
    value = sample(field.type, later)
    if value != field.default:
        return value
    match field.type:
        case inspect.BoolType():
            return not value
        case inspect.LiteralType():
            return field.type.values[-1]
        case inspect.EnumType():
            return list(field.type.cls)[-1].value
    return value


def _struct(info: inspect.StructType, later: bool) -> Any:
    fields = {field.encode_name: _field(field, later) for field in info.fields}
    if "schema" in fields:
        fields["schema"] = 1
    if info.array_like:
        return [*fields.values(), *(["later"] if later else ())]
    tagged = {info.tag_field: info.tag} if info.tag_field else {}
    return tagged | fields | (LATER if later else {})
