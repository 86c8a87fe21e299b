"""Parent segments, the tree and its segments."""

from django.urls import URLPattern, path

from activations.views import folders, parent_form, parents, rules, segments

urlpatterns: list[URLPattern] = [
    path("", parents.index, name="parent_segments"),
    path("new/", parent_form.new, name="parent_segment_new"),
    path("<int:pk>/", parents.show, name="audience"),
    path("<int:pk>/edit/", parent_form.edit, name="parent_segment_edit"),
    path("<int:pk>/refresh/", parents.refresh, name="audience_refresh"),
    path("<int:pk>/facts/", parents.facts, name="audience_facts"),
    path("<int:pk>/delete/", parents.delete, name="parent_segment_delete"),
    path("<int:pk>/folders/new/", folders.new, name="folder_new"),
    path("<int:pk>/segments/new/", segments.new, name="segment_new"),
    path("folders/<int:pk>/rename/", folders.rename, name="folder_rename"),
    path("folders/<int:pk>/move/", folders.move, name="folder_move"),
    path("folders/<int:pk>/delete/", folders.delete, name="folder_delete"),
    path("segments/<int:pk>/", segments.show, name="segment"),
    path("segments/<int:pk>/rules/", rules.edit, name="segment_rules"),
    path("segments/<int:pk>/rules/size/<int:measurement>/", rules.size, name="segment_rules_size"),
    path("segments/<int:pk>/rename/", segments.rename, name="segment_rename"),
    path("segments/<int:pk>/move/", segments.move, name="segment_move"),
    path("segments/<int:pk>/duplicate/", segments.duplicate, name="segment_duplicate"),
    path("segments/<int:pk>/delete/", segments.delete, name="segment_delete"),
    path("segments/<int:pk>/query/", segments.as_query, name="segment_query"),
    path("segments/<int:pk>/undo/", segments.undo, name="segment_undo"),
    path("segments/<int:pk>/count/", segments.count, name="segment_count"),
    path("segments/<int:pk>/size/", segments.live, name="segment_size"),
]
