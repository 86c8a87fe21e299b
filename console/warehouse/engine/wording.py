"""The engine's error messages in the words of the user's dialect."""

import re

_PATH = re.compile(r"(?:file:)?/(?:[\w.@+-]+/)+[\w.@+-]*")
_OWN = re.compile(r"\b(?:presto|hive|td|sql)__(\w+)")
_TYPES = {
    "INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "bigint",
    "HUGEINT": "bigint", "INTEGER_LITERAL": "integer", "STRING_LITERAL": "varchar", "FLOAT": "real",
    "BLOB": "varbinary", "STRUCT": "row", "TUPLE": "row",
}  # fmt: skip
_HIVE = {"integer": "int", "varchar": "string", "real": "float", "varbinary": "binary", "row": "struct"}
# A type's name outside quotes: what stands in quotes is the user's value.
_KIND = re.compile(
    r"'[^']*'|\b(?:TIMESTAMP WITH TIME ZONE|INT(?:8|16|32|64|128)|HUGEINT|(?:INTEGER|STRING)_LITERAL|FLOAT|BLOB|STRUCT"
    r"|TUPLE|BIGINT|INTEGER|SMALLINT|TINYINT|DOUBLE|DECIMAL|VARCHAR|BOOLEAN|DATE|TIMESTAMP|TIME|MAP|INTERVAL)\b"
)
_CAST = "Cast the values."
# What the engine says, what is said instead, and the hint. Groups fill the braces.
_SAYINGS: tuple[tuple[str, str, str], ...] = (
    (r"No files found|[Cc]annot open file|No such file|magic bytes|too small to be a Parquet|[Cc]orrupt|file header",
     "A file of a table is gone or damaged.", "Restore the warehouse's folder from a backup."),
    (r'Column "(.+?)" referenced that exists in the SELECT clause', "There is no column {0}.",
     "A column can't use another one's new name."),
    (r'Referenced column "(.+?)" (?:not|was not) found', "There is no column {0}.", ""),
    (r'Referenced table "(.+?)" not found', "There is no table {0} in FROM.", ""),
    (r'(?:Values list|Table) "(.+?)" does not have a column named "(.+?)"', "{0} has no column {1}.", ""),
    (r'Ambiguous reference to column name "(.+?)"', "{0} is in more than one table.", "Write table.{0}."),
    (r'column "?([^" ]+)"? must appear in the GROUP BY clause', "{0} is neither in GROUP BY nor inside an aggregate.",
     "Add it to GROUP BY, or write for example max({0})."),
    (r"No function matches the given name and argument types '(.+?)\((.*)\)'", "{0} can't take ({1}).", _CAST),
    (r'best candidate function for the function call "?(.+?)\((.*?)\)"?\. In order', "{0} can't take ({1}).", _CAST),
    (r'Macro "?(\w+?)"?\(\) does not support the supplied arguments', "{0} can't take these arguments.",
     "Check their number and types."),
    (r"WHERE clause cannot contain (aggregates|window functions)", "WHERE can't contain {0}.",
     "Use HAVING, or filter outside a subquery."),
    (r"Window functions are not supported here", "A window function needs OVER (…), in SELECT or ORDER BY.", ""),
    (r"Cannot (?:compare|mix) values of type (.+?) and (?:type )?(.+?)(?: in .+?)? - an explicit cast",
     "{0} and {1} don't go together.", "Cast one of them."),
    (r"Could not convert string (.*) to (\w+)(?: when casting from source column .+?)?$", "Can't cast {0} to {1}.",
     "Use TRY_CAST to get NULL where it can't be."),
    (r"Unimplemented type for cast \((.+) -> (.+)\)", "Can't cast {0} to {1}.", ""),
    (r'(?:date|timestamp) field value out of range: "?(.+?)"?$', "{0} is no date that exists.", ""),
    (r'invalid (date|timestamp) field format: "?(.+?)"?,', "{1} is no {0}.", ""),
    (r'Could not parse string "(.+?)" according to format specifier', "{0} doesn't match the pattern.", ""),
    (r"Malformed JSON", "The text is no JSON.", ""),
    (r"Overflow in (addition|subtraction|multiplication|negation)", "A number is too large: overflow in {0}.",
     "Cast to double or decimal first."),
    (r"Type (\S+) with value (\S+) can't be cast because the value is out of range for the destination type (\S+)",
     "{1} is too large for {2}.", ""),
    (r"Cardinality can only operate on", "Only an array or a map has elements.", ""),
    (r"Cannot extract field '(.+?)' from expression", "There is no field {0}: this isn't a row.", ""),
    (r'Could not find key "?(.+?)"? in struct', "The row has no field {0}.", ""),
    (r"More than one row returned by a subquery", "The subquery gives more than one row.", "Add LIMIT 1, or use IN."),
    (r"Subquery returns (\d+) columns - expected (\d+)", "The subquery gives {0} columns where {1} is expected.", ""),
    (r"Set operations can only apply to expressions with the same number",
     "Both sides of UNION, EXCEPT or INTERSECT need as many columns.", ""),
    (r'Duplicate CTE name "?(.+?)"?$', "WITH names {0} twice.", "Give each part a name of its own."),
    (r'extract specifier "?(.+?)"? not recognized', "{0} is no unit of time.",
     "Use second, minute, hour, day, week, month, quarter or year."),
    (r"^(missing [])].*|no argument for repetition.*|invalid (?:escape|perl|character|nested).*|bad .* class.*)$",
     "The regular expression can't be read: {0}.", ""),
)  # fmt: skip


def say(message: str, caller: str, type: str) -> tuple[str, str]:
    """The sentence and the hint. `caller` is the user's function in which it happened, "" where that isn't known."""
    text = re.split(r"\n\s*(?:LINE \d+:|Candidate |Did you mean|You might)|\n\n", message)[0].strip()
    if own := re.search(r"Could not convert string '§(.*)' to \w+$", text, re.S):
        return own[1], ""  # from a macro, which knew what to say
    for pattern, said, hint in _SAYINGS:
        if found := re.search(pattern, text, re.S):
            groups = [_clean(group or "", type) for group in found.groups()]
            sentence = said.format(*groups) if said else _sentence(text, type)
            return _with(caller, sentence), hint.format(
                *groups, **{"try": "TRY_CAST"} if "{try}" in hint else {}
            )
    return _with(caller, _sentence(text, type)), ""


def _sentence(text: str, type: str) -> str:
    text = re.split(r"; ?use TRY| Use TRY\(| in expression \(", text)[0]
    return _clean(text.split("\n")[0], type).rstrip(" .!:") + "."


def _with(caller: str, sentence: str) -> str:
    return (
        f"{caller}: {sentence[0].lower()}{sentence[1:]}"
        if caller and not sentence.startswith(caller)
        else sentence
    )


def _clean(text: str, type: str) -> str:
    text = _OWN.sub(r"\1", _PATH.sub("a file of the table", text)).replace('"', "")
    return _KIND.sub(lambda found: _kind(found[0], type), text)


def _kind(name: str, type: str) -> str:
    if name.startswith("'"):
        return name
    known = _TYPES.get(name, name.lower())
    return _HIVE.get(known, known) if type == "hive" else known
