"""The two dialects, without sqlglot's own opinion on functions: every function call
stays a call by its written name, and `functions` decides what it means."""

import re
from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.hive import Hive
from sqlglot.dialects.trino import Trino
from sqlglot.parser import Parser
from sqlglot.parsers.hive import HiveParser
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokenizer_core import TokenType

_PRESTO_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "LISTAGG")
_HIVE_SYNTAX = ("CAST", "EXTRACT", "SUBSTRING", "TRIM")


def _closed(parse: Callable[[Any], exp.Expr]) -> Callable[[Any], exp.Expr]:
    """sqlglot does without the closing parenthesis of a call that has a syntax of its own."""

    def closed(parser: Any) -> exp.Expr:
        found = parse(parser)
        if not parser._match(TokenType.R_PAREN, advance=False):
            parser.raise_error("Expecting )")
        return found

    return closed


class _Subscripts(Parser):
    """sqlglot makes an array of `x[1]` where x is a call or a column named array or list."""

    def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
        named = isinstance(this, (exp.Anonymous, exp.Column)) and this.name.upper() in self.ARRAY_CONSTRUCTORS
        bare = isinstance(this, exp.Column) and isinstance(this.this, exp.Identifier) and not this.this.quoted
        if named and not (bare and this and this.name.upper() == "ARRAY"):
            this = exp.Paren(this=this)
        return super()._parse_bracket(this)


def _decimal_literal(parser: Any, this: exp.Expr, to: exp.Expr) -> exp.Expr:
    text = this.name.strip()
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text):
        parser.raise_error(f"DECIMAL {text!r} is no number")
    number = exp.Literal.number(text.lstrip("+-"))
    return exp.Neg(this=number) if text.startswith("-") else number


class PrestoSql(Trino):
    INDEX_OFFSET = 0  # a subscript stays as written

    class Parser(_Subscripts, TrinoParser):
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
            **TrinoParser.TYPE_LITERAL_PARSERS,
            exp.DType.DECIMAL: _decimal_literal,  # as many places as are written, unlike CAST('1.5' AS decimal)
            exp.DType.JSON: lambda self, this, to: exp.Anonymous(this="json_parse", expressions=[this]),
        }
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: _closed(TrinoParser.FUNCTION_PARSERS[name]) for name in _PRESTO_SYNTAX
        }


class HiveSql(Hive):
    class Parser(_Subscripts, HiveParser):
        _parse_types = (
            Parser._parse_types
        )  # sqlglot drops the length of varchar(2), as Spark does and Hive doesn't
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: _closed(HiveParser.FUNCTION_PARSERS[name]) for name in _HIVE_SYNTAX
        }
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            k: v for k, v in HiveParser.NO_PAREN_FUNCTION_PARSERS.items() if k != "TRANSFORM"
        }


DIALECTS: dict[str, type[Dialect]] = {"presto": PrestoSql, "hive": HiveSql}
