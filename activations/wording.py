"""Numbers in sentences."""


def rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
