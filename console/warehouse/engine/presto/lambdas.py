"""Trino's functions that take a lambda."""

from collections.abc import Sequence

from sqlglot import exp

from console.warehouse.engine.calls import Call, Rule, call


def reduce(one: Call) -> exp.Expr:
    array, start, step, _ = one.count(4)
    _lambda(one, 2)
    return exp.paren(_applied(_lambda(one, 3), [call("list_reduce", array, step, start)]))


def match(one: Call) -> exp.Expr:
    """any_match, all_match and none_match are NULL where an element's answer is and would decide."""
    array, test = one.count(2)
    answers = call("list_transform", array, test)
    if one.name == "none_match":
        return exp.paren(exp.Not(this=call("sql__any", answers)))
    return call("sql__any" if one.name == "any_match" else "sql__all", answers)


def map_filter(one: Call) -> exp.Expr:
    one.count(2)
    return call("map_from_entries", call("list_filter", *_entries(one)))


def transform_values(one: Call) -> exp.Expr:
    one.count(2)
    entries, (changed,) = _entries(one)[0], _entries(one)[1:]
    return _mapped(entries, key=None, value=changed)


def transform_keys(one: Call) -> exp.Expr:
    one.count(2)
    entries, (changed,) = _entries(one)[0], _entries(one)[1:]
    return _mapped(entries, key=changed, value=None)


def zip_with(one: Call) -> exp.Expr:
    left, right, _ = one.count(3)
    body = _applied(
        _lambda(one, 2, 2), [call("struct_extract_at", _element(), exp.Literal.number(at)) for at in (1, 2)]
    )
    return call(
        "list_transform", call("list_zip", left, right), exp.Lambda(this=body, expressions=[_parameter()])
    )


def _entries(one: Call) -> tuple[exp.Expr, exp.Expr]:
    """The map's entries, and the lambda of key and value as one of an entry."""
    fields = [exp.Dot(this=_element(), expression=exp.to_identifier(name)) for name in ("key", "value")]
    body = _applied(_lambda(one, 1, 2), fields)
    return call("map_entries", one.args[0]), exp.Lambda(this=body, expressions=[_parameter()])


def _mapped(entries: exp.Expr, key: exp.Expr | None, value: exp.Expr | None) -> exp.Expr:
    parts = []
    for name, changed in (("k", key), ("v", value)):
        kept = exp.Dot(this=_element(), expression=exp.to_identifier("key" if name == "k" else "value"))
        made = changed.this if isinstance(changed, exp.Lambda) else kept
        parts.append(exp.PropertyEQ(this=exp.to_identifier(name), expression=made))
    entry = exp.Lambda(this=exp.Struct(expressions=parts), expressions=[_parameter()])
    return call("map_from_entries", call("list_transform", entries, entry))


def _lambda(one: Call, index: int, parameters: int = 0) -> exp.Lambda:
    made = one.args[index]
    if not isinstance(made, exp.Lambda) or (parameters and len(made.expressions) != parameters):
        shape = "(k, v) -> …" if parameters == 2 else "x -> …"
        one.refuse(f"{one.written} needs a lambda, {shape}.")
    return made


def _applied(made: exp.Lambda, values: Sequence[exp.Expr]) -> exp.Expr:
    """The lambda's body with values in the place of its parameters."""
    names = {parameter.name.lower(): value for parameter, value in zip(made.expressions, values, strict=True)}

    def replaced(node: exp.Expr) -> exp.Expr:
        value = names.get(node.name.lower()) if isinstance(node, exp.Column) and not node.table else None
        return value.copy() if value is not None else node

    body: exp.Expr = made.this.copy().transform(replaced)
    return body


def _parameter() -> exp.Identifier:
    return exp.to_identifier("sql__e", quoted=True)


def _element() -> exp.Expr:
    return exp.Column(this=_parameter())


RULES: dict[str, Rule] = {
    "reduce": reduce, "any_match": match, "all_match": match, "none_match": match, "map_filter": map_filter,
    "transform_values": transform_values, "transform_keys": transform_keys, "zip_with": zip_with,
}  # fmt: skip
