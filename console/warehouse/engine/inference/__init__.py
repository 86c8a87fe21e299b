"""What can be said about a value's type before the engine sees the query. What isn't certain is None."""

from console.warehouse.engine.inference.types import Types

__all__ = ["Types"]
