"""Batch journeys: defined, started, evaluated on a schedule, their steps sent."""
