"""CleverTap's rules, as the documents give them: for columns, once per run, and for the values of every row."""
