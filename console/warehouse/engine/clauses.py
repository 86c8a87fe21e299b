"""Which parts a clause may have. sqlglot reads every dialect's additions; those Trino and Hive lack are refused, for
the engine would run some of them and drop others in silence."""

from sqlglot import exp

from console.warehouse.engine.calls import words

_MODIFIERS = (
    "with_ laterals joins where group having windows distribute sort cluster order limit offset sample"
)
_SET_OPERATION = words(f"this expression distinct {_MODIFIERS}")
_CAST = words("this to safe")
PARTS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: words(f"expressions distinct from_ {_MODIFIERS}"),
    exp.Subquery: words(f"this alias {_MODIFIERS}"),
    exp.Union: _SET_OPERATION,
    exp.Except: _SET_OPERATION,
    exp.Intersect: _SET_OPERATION,
    exp.With: words("expressions recursive"),
    exp.CTE: words("this alias"),
    exp.Values: words("expressions alias"),
    exp.Star: frozenset(),
    exp.Distinct: words("expressions"),
    exp.Table: words("this alias db catalog joins laterals sample"),
    exp.TableSample: words("expressions method percent size rows"),
    exp.Join: words("this on side kind using"),
    exp.Lateral: words("this view outer alias"),
    exp.Unnest: words("expressions alias offset"),
    exp.Group: words("expressions grouping_sets cube rollup"),
    exp.Order: words("this expressions"),
    exp.Sort: words("expressions"),
    exp.Distribute: words("expressions"),
    exp.Ordered: words("this desc nulls_first"),
    exp.Limit: words("expression"),
    exp.Offset: words("expression"),
    exp.Fetch: words("direction count limit_options"),
    exp.LimitOptions: words("rows"),
    exp.Window: words("this partition_by order spec alias over"),
    exp.WindowSpec: words("kind start start_side end end_side"),
    exp.Column: words("this table db catalog"),
    exp.In: words("this expressions query"),
    exp.Between: words("this low high"),
    exp.Cast: _CAST,
    exp.TryCast: _CAST,
    exp.Trim: words("this expression position"),
    exp.RegexpLike: words("this expression"),
    exp.GroupConcat: words("this separator"),
    exp.Bracket: words("this expressions"),
}
_SAMPLING = ("BERNOULLI", "SYSTEM")
_WORDS = {
    "except_": "* EXCEPT", "replace": "* REPLACE", "rename": "* RENAME", "exclude": "* EXCLUDE", "on": "DISTINCT ON",
    "into": "SELECT INTO", "by_name": "BY NAME", "with_ties": "WITH TIES", "percent": "PERCENT", "all": "GROUP BY ALL",
    "version": "Reading a table as it was", "when": "Reading a table as it was", "pivots": "PIVOT",
    "symmetric": "SYMMETRIC", "materialized": "MATERIALIZED", "on_overflow": "ON OVERFLOW", "format": "FORMAT",
    "bucket_numerator": "BUCKET", "udfs": "WITH FUNCTION",
}  # fmt: skip


def oddity(node: exp.Expr) -> str | None:
    """What `node` has beside the parts known here, in SQL's words; None where it has nothing else."""
    known = PARTS.get(type(node))
    odd = [key for key, value in node.args.items() if value and known is not None and key not in known]
    if isinstance(node, exp.Join) and node.method:
        return f"{node.method.upper()} JOIN"
    if (
        isinstance(node, exp.TableSample)
        and str(node.args.get("method") or "SYSTEM").upper() not in _SAMPLING
    ):
        return f"TABLESAMPLE {node.args['method']}"
    if not odd:
        return None
    return _WORDS.get(odd[0]) or f"This form of {node.key.upper()}"
