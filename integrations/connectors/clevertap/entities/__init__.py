"""What a row becomes: one module per kind of record, each with the columns it needs and the JSON it makes."""
