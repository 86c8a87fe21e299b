"""Hive's clauses: what reducers do is done in one place, and WITH ROLLUP stands behind its columns."""

from sqlglot import exp

from console.warehouse.engine.calls import Context
from console.warehouse.engine.unnesting import lateral_views


def select(node: exp.Expr, context: Context) -> exp.Expr:
    """SORT BY and CLUSTER BY order the rows, as on one reducer; DISTRIBUTE BY only says which reducer gets them."""
    sort = node.args.get("sort") or node.args.get("cluster")
    if sort is not None and node.args.get("order") is None:
        node.set("order", exp.Order(expressions=sort.expressions))
    for clause in ("sort", "cluster", "distribute"):
        node.set(clause, None)
    return lateral_views(node, context)


def group(node: exp.Expr, context: Context) -> exp.Expr:
    """`GROUP BY a, b WITH ROLLUP`, and `GROUP BY a, b GROUPING SETS (…)`, whose sets name the columns again."""
    columns = node.expressions
    for clause, kind in (("rollup", exp.Rollup), ("cube", exp.Cube)):
        if any(not part.expressions for part in node.args.get(clause) or []):
            node.set(clause, [kind(expressions=columns)])
            node.set("expressions", [])
    if node.args.get("grouping_sets"):
        node.set("expressions", [])
    return node
