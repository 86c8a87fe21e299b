"""Why a body could not be taken, and what to do."""

from console.warehouse.types import WarehouseError


class BadBody(WarehouseError):
    """The body is not a gzip stream of msgpack maps. Nothing of it was kept."""

    code = 422


class CutOff(BadBody):
    """The body ended before its announced end."""

    code = 400


class TooLarge(BadBody):
    """The body holds more than this console takes in one request."""

    code = 413


class Refused(WarehouseError):
    """The session is not in a state in which this can be done."""

    code = 422
