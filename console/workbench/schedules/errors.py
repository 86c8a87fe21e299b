class CronError(Exception):
    """The rule can't be read. `field` is where ("minute", "hour", "day", "month", "weekday", or "cron" where it is
    none of the five alone); `str(error)` says what is wrong and how to write it instead."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
