"""What an activation sends: which columns under which names, and strings that are the same on every row.

Plain Python. As JSON (`parse` reads it, `to_json` writes it):

    {"all_columns": true, "known": ["email", …], "strings": […]}     `known`: what "all" was when it was saved
    {"all_columns": false, "columns": [{"source": "email", "name": "email"}, …], "strings": [
        {"type": "string" | "timestamp" | "segment_id" | "segment_name" | "audience_id", "value": "…", "name": "…"}]}
"""
