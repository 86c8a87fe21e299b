"""Audience Studio: who the customers are, which of them, and where they are sent."""

from activations.models.activation import Activation, ActivationRun
from activations.models.journey import (
    Journey,
    JourneyEvaluation,
    JourneyStage,
    JourneyStep,
    JourneyStepRun,
)
from activations.models.measurement import Measurement
from activations.models.parent_segment import (
    Attribute,
    AttributeTable,
    BehaviorColumn,
    BehaviorTable,
    ColumnKind,
    MadeSample,
    ParentSegment,
)
from activations.models.tree import Folder, Segment

__all__ = [
    "Activation",
    "ActivationRun",
    "Attribute",
    "AttributeTable",
    "BehaviorColumn",
    "BehaviorTable",
    "ColumnKind",
    "Folder",
    "Journey",
    "JourneyEvaluation",
    "JourneyStage",
    "JourneyStep",
    "JourneyStepRun",
    "MadeSample",
    "Measurement",
    "ParentSegment",
    "Segment",
]
