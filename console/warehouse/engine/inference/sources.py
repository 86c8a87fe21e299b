"""Which columns, of which types, a query's FROM gives to its expressions."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from console.warehouse.engine.inference.decimals import T, common
from console.warehouse.engine.inference.results import element, field, key
from console.warehouse.engine.tables import read_by
from console.warehouse.types import Column, TableRef

Kind = exp.DataType | None
Outputs = list[tuple[str, Kind]]


class Sources:
    def __init__(
        self, of: Callable[[exp.Expr | None], Kind], columns: Callable[[TableRef], Sequence[Column]]
    ) -> None:
        self._of, self._columns = of, columns
        self._found: dict[int, dict[str, Outputs | None]] = {}

    def column(self, node: exp.Column) -> Kind:
        """The type of the column a name means: of the nearest query around it whose FROM has one so named."""
        found = self._column(node, node.name.lower(), node.table.lower())
        if found is None and node.table and not node.args.get("db"):
            return field(self._column(node, node.table.lower(), ""), node.name)  # of a row, `row.field`
        return found

    def _column(self, node: exp.Column, name: str, table: str) -> Kind:
        select = node.find_ancestor(exp.Select)
        while select is not None:
            if isinstance(select, exp.Select):
                found, certain = self._in(select, name, table)
                if found or not certain:
                    return found
            select = select.find_ancestor(exp.Select)
        return None

    def _in(self, select: exp.Select, name: str, table: str) -> tuple[Kind, bool]:
        """The column's type, and whether a None means that this FROM has no such column for certain."""
        certain = True
        for alias, columns in self._of_select(select).items():
            if table and alias != table:
                continue
            if columns is None:
                certain = False
                continue
            for column, kind in columns:
                if column.lower() == name:
                    return kind, False
        return None, certain

    def _of_select(self, select: exp.Select) -> dict[str, Outputs | None]:
        if id(select) not in self._found:
            self._found[id(select)] = {}
            made: dict[str, Outputs | None] = {}
            from_ = select.args.get("from_")
            joined = [from_.this] if from_ else []
            joined += [join.this for join in select.args.get("joins") or []] + (
                select.args.get("laterals") or []
            )
            for number, item in enumerate(joined):
                made[item.alias_or_name.lower() or f"?{number}"] = self._item(item)
                for join in (item.args.get("joins") or []) + (item.args.get("laterals") or []):
                    inner = join.this if isinstance(join, exp.Join) else join
                    made[inner.alias_or_name.lower() or f"?{number}"] = self._item(inner)
            self._found[id(select)] = made
        return self._found[id(select)]

    def _item(self, item: exp.Expr) -> Outputs | None:
        if isinstance(item, exp.Table):
            return _renamed(self._table(item), item)
        if isinstance(item, exp.Subquery) and isinstance(item.this, exp.Query):
            return _renamed(self.outputs(item.this), item)
        if isinstance(item, exp.Values):
            return _renamed(self._values(item), item)
        if isinstance(item, exp.Unnest):
            return self._unnest(item)
        return None

    def _table(self, table: exp.Table) -> Outputs | None:
        ref = read_by(table)
        if ref is not None:
            kinds = [
                (column.name, exp.DataType.build(column.engine_type, dialect="duckdb"))
                for column in self._columns(ref)
            ]
            return list(kinds) or None
        node: exp.Expr | None = table
        while node is not None:
            clause = node.args.get("with_") if not isinstance(node, exp.With) else node
            for part in clause.expressions if clause else []:
                if part.alias.lower() == table.name.lower() and not any(
                    one is part for one in _ancestors(table)
                ):
                    return _renamed(self.outputs(part.this), part)
            node = node.parent
        return None

    def outputs(self, query: exp.Expr) -> Outputs | None:
        """Name and type of each column a query gives; None where a star hides some."""
        if isinstance(query, exp.Subquery):
            return self.outputs(query.this)
        if isinstance(query, exp.SetOperation):
            left, right = self.outputs(query.this), self.outputs(query.expression)
            if left is None or right is None or len(left) != len(right):
                return None
            return [(name, common(kind, other)) for (name, kind), (_, other) in zip(left, right, strict=True)]
        if not isinstance(query, exp.Select):
            return None
        made: Outputs = []
        for one in query.expressions:
            if not one.is_star:
                made.append((one.alias_or_name, self._of(one)))
                continue
            wanted = one.table.lower() if isinstance(one, exp.Column) else ""
            for alias, columns in self._of_select(query).items():
                if columns is None:
                    return None
                made += columns if not wanted or alias == wanted else []
        return made

    def _values(self, values: exp.Values) -> Outputs:
        rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in values.expressions]
        made: Outputs = []
        for index in range(len(rows[0])):
            kinds = [
                self._of(row[index])
                for row in rows
                if len(row) > index and not isinstance(row[index], exp.Null)
            ]
            kind = kinds[0] if kinds else None
            for other in kinds[1:]:
                kind = common(kind, other)
            made.append((f"_col{index}", kind))
        return made

    def _unnest(self, unnest: exp.Unnest) -> Outputs | None:
        kinds: list[Kind] = []
        for array in unnest.expressions:
            kind = self._of(array)
            inner = element(kind)
            if kind is not None and kind.this == T.MAP:
                kinds += [key(kind), inner]
            elif inner is not None and inner.this == T.STRUCT:
                kinds += [
                    part.args.get("kind") if isinstance(part, exp.ColumnDef) else None
                    for part in inner.expressions
                ]
            else:
                kinds.append(inner)
        if unnest.args.get("offset"):
            kinds.append(exp.DataType(this=T.BIGINT))
        return _renamed([(f"_col{index}", kind) for index, kind in enumerate(kinds)], unnest)


def _renamed(columns: Outputs | None, item: exp.Expr) -> Outputs | None:
    alias = item.args.get("alias")
    names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    if isinstance(item.args.get("offset"), exp.Identifier):
        names.append(item.args["offset"].name)
    if columns is None or not names:
        return columns
    kinds = [kind for _, kind in columns]
    return [(name, kinds[index] if index < len(kinds) else None) for index, name in enumerate(names)]


def _ancestors(node: exp.Expr) -> list[exp.Expr]:
    found, parent = [], node.parent
    while parent is not None:
        found.append(parent)
        parent = parent.parent
    return found
