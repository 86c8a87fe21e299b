"""Parent segments, the tree and its segments."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
