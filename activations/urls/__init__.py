"""Audience Studio's addresses, all under /audience/."""

from django.urls import URLPattern

from activations.urls import activations, journeys, segments

urlpatterns: list[URLPattern] = [*segments.urlpatterns, *activations.urlpatterns, *journeys.urlpatterns]
