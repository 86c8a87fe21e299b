"""Batch journeys."""

from django.urls import URLPattern, path

from activations.views import journey_edit, journeys

urlpatterns: list[URLPattern] = [
    path("journeys/", journeys.index, name="journeys"),
    path("journeys/new/", journey_edit.new, name="journey_new"),
    path("journeys/<int:pk>/", journeys.show, name="journey"),
    path("journeys/<int:pk>/edit/", journey_edit.edit, name="journey_edit"),
    path("journeys/<int:pk>/schedule/", journey_edit.schedule, name="journey_schedule"),
    path("journeys/<int:pk>/start/", journeys.start, name="journey_start"),
    path("journeys/<int:pk>/pause/", journeys.pause, name="journey_pause"),
    path("journeys/<int:pk>/resume/", journeys.resume, name="journey_resume"),
    path("journeys/<int:pk>/evaluate/", journeys.evaluate, name="journey_evaluate"),
    path("journeys/<int:pk>/delete/", journeys.delete, name="journey_delete"),
    path("journeys/steps/<int:pk>/again/", journeys.again, name="journey_step_again"),
]
