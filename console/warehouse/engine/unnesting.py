"""UNNEST and LATERAL VIEW as a lateral subquery: several arrays side by side, maps as two columns, ordinality."""

from collections.abc import Callable

from sqlglot import exp

from console.warehouse.engine.calls import Context, call, number


def unnest(node: exp.Expr, context: Context) -> exp.Expr:
    """`UNNEST(a, b) WITH ORDINALITY AS t (x, y, n)`; short arrays are filled up with NULL."""
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    ordinal = bool(node.args.get("offset"))
    if isinstance(node.args.get("offset"), exp.Identifier):
        names.append(node.args["offset"].name)
    arrays = list(node.expressions)
    values = len(names) - ordinal if names else len(arrays)
    if values > len(arrays) == 1:
        selected = _pair(arrays[0], names[:values], (context.kinds.get(id(node)) or (None,))[0])
    elif values == len(arrays):
        selected = [
            _as(call("unnest", array), name)
            for array, name in zip(arrays, names[:values] or _defaults(arrays), strict=True)
        ]
    else:
        context.refuse(node, "UNNEST has another number of columns than its alias names.")
    if ordinal:
        lengths = [call("cardinality", array.copy()) for array in arrays]
        rows = lengths[0] if len(lengths) == 1 else call("greatest", *lengths)
        series = call("generate_series", number(1), exp.cast(rows, "bigint"))
        selected.append(_as(call("unnest", series), names[-1] if names else "ordinality"))
    return _lateral(selected, alias.name if isinstance(alias, exp.TableAlias) else "")


def _pair(value: exp.Expr, names: list[str], kind: exp.DataType | None) -> list[exp.Expr]:
    """Key and value of a map, or the fields of an array of rows."""
    is_map = kind.this == exp.DType.MAP if kind is not None else not _is_rows(value)
    if len(names) == 2 and is_map:
        keys, values = call("map_keys", value.copy()), call("map_values", value)
        return [_as(call("unnest", keys), names[0]), _as(call("unnest", values), names[1])]
    fields = call("unnest", value)
    return [
        _as(call("struct_extract_at", fields.copy(), number(index + 1)), name)
        for index, name in enumerate(names)
    ]


def _is_rows(value: exp.Expr) -> bool:
    if isinstance(value, exp.Array):
        return True
    if isinstance(value, exp.Anonymous):
        return value.name in ("map_entries", "presto__zip", "list_transform", "array_agg")
    return isinstance(value, (exp.Cast, exp.TryCast)) and value.args["to"].this == exp.DType.ARRAY


def _defaults(arrays: list[exp.Expr]) -> list[str]:
    return [f"_col{index}" for index in range(len(arrays))]


def _as(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True)


def _lateral(selected: list[exp.Expr], alias: str) -> exp.Expr:
    inner = exp.Subquery(this=exp.Select(expressions=selected))
    name = exp.TableAlias(this=exp.to_identifier(alias or "unnested", quoted=True))
    return exp.Lateral(this=inner, alias=name)


def lateral_views(node: exp.Expr, context: Context) -> exp.Expr:
    """Hive's LATERAL VIEW explode(x) t AS a, moved from the end of FROM to a join."""
    views = node.args.get("laterals") or []
    if not views:
        return node
    joins = [_view_join(view, context) for view in views]
    node.set("laterals", [])
    node.set("joins", [*(node.args.get("joins") or []), *joins])
    return node


def _view_join(view: exp.Expr, context: Context) -> exp.Join:
    alias = view.args.get("alias")
    names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    made, value = view.this, view.this.expressions[0] if view.this.expressions else None
    if value is None or made.name not in ("unnest", "posexplode"):
        context.refuse(view, "LATERAL VIEW takes explode or posexplode.")
    lateral = _lateral(_exploded(made.name, value, names, context, view), alias.name if alias else "")
    if view.args.get("outer"):
        return exp.Join(this=lateral, side="LEFT", on=exp.true())
    return exp.Join(this=lateral, kind="CROSS")


def _exploded(
    kind: str, value: exp.Expr, names: list[str], context: Context, view: exp.Expr
) -> list[exp.Expr]:
    if kind == "posexplode":
        rows = call("range", exp.cast(call("cardinality", value.copy()), "bigint"))
        position, item = (names or ["pos", "col"])[:2]
        return [_as(call("unnest", rows), position), _as(call("unnest", value), item)]
    if len(names) == 2:
        return _pair(value, names, None)
    return [_as(call("unnest", value), names[0] if names else "col")]


UNNESTING: dict[type[exp.Expr], Callable[[exp.Expr, Context], exp.Expr]] = {
    exp.Unnest: unnest,
    exp.Select: lateral_views,
}
