"""Audience Studio's calls. None of them takes a write-only key."""

from console.api.audience import folders, parent_segments, segments, syndications
from console.api.routing import Route

GET, POST, PUT, DELETE = ("GET", "HEAD"), ("POST",), ("PUT",), ("DELETE",)
ONE = "audiences/<audience>"
FOLDER = f"{ONE}/folders/<folder>"
SEGMENT = f"{ONE}/segments/<segment>"
SYNDICATION = f"{SEGMENT}/syndications/<syndication>"

AUDIENCE_ROUTES = (
    Route(GET, "audiences", parent_segments.listing),
    Route(POST, "audiences", parent_segments.create),
    Route(GET, ONE, parent_segments.show),
    Route(PUT, ONE, parent_segments.update),
    Route(DELETE, ONE, parent_segments.delete),
    Route(POST, f"{ONE}/refresh", parent_segments.refresh),
    Route(GET, f"{ONE}/folders", folders.listing),
    Route(POST, f"{ONE}/folders", folders.create),
    Route(GET, FOLDER, folders.show),
    Route(PUT, FOLDER, folders.update),
    Route(DELETE, FOLDER, folders.delete),
    Route(GET, f"{ONE}/segments", segments.listing),
    Route(POST, f"{ONE}/segments", segments.create),
    Route(GET, SEGMENT, segments.show),
    Route(PUT, SEGMENT, segments.update),
    Route(DELETE, SEGMENT, segments.delete),
    Route(GET, f"{SEGMENT}/sql", segments.sql),
    Route(GET, f"{SEGMENT}/size", segments.size),
    Route(POST, f"{SEGMENT}/size", segments.ask_size),
    Route(GET, f"{ONE}/syndications", syndications.of_audience),
    Route(GET, f"{SEGMENT}/syndications", syndications.of_segment),
    Route(POST, f"{SEGMENT}/syndications", syndications.create),
    Route(GET, SYNDICATION, syndications.show),
    Route(PUT, SYNDICATION, syndications.update),
    Route(DELETE, SYNDICATION, syndications.delete),
    Route(POST, f"{SYNDICATION}/run", syndications.run),
    Route(GET, f"{SYNDICATION}/runs", syndications.run_list),
    Route(GET, f"{SYNDICATION}/sql", syndications.sql),
    Route(POST, f"{SYNDICATION}/pause", syndications.pause),
    Route(POST, f"{SYNDICATION}/resume", syndications.resume),
)
