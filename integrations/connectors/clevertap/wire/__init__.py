"""A result's values as the JSON that CleverTap reads, made by Arrow for many rows at a time."""
