"""Rules while somebody writes them: as typed, with fields named by their paths, edited and drawn by the server.

What is typed is the rules' JSON with texts for values, so that nothing is lost before it can be read:

    {"type": "attribute", "attribute": "age", "operator": "between", "value": ["18", "x"]}
    {"type": "behavior", …, "window": {"kind": "any" | "last_days" | "between", …}, "where": {group, may be empty}}

A field's name is the path a problem of it has: "rules.1.rules.0.value", and "rules.1.rules.0.value.1" for the second
of two.
"""
