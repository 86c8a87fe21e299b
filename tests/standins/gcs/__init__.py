"""A strict Google Cloud Storage on loopback: token endpoint, permissions, resumable uploads, faults on request."""

from tests.standins.gcs.server import running
from tests.standins.gcs.service import BUCKET, Fault, StandIn

__all__ = ["BUCKET", "Fault", "StandIn", "running"]
