"""Activations: the three panels they are made in, their list and their page."""

from django.urls import URLPattern, path

from activations.views import activation, activation_list, choosing, details, mapping, schedule, wizard

ONE = "activations/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("segments/<int:pk>/activations/new/", wizard.new, name="activation_new"),
    path("activations/", activation_list.index, name="activations"),
    path(ONE, activation.show, name="activation"),
    path(f"{ONE}details/", details.show, name="activation_details"),
    path(f"{ONE}details/keep/", details.keep, name="activation_details_keep"),
    path(f"{ONE}details/validate/", details.validate, name="activation_details_validate"),
    path(f"{ONE}authentication/", choosing.choose, name="activation_choose"),
    path(f"{ONE}mapping/", mapping.show, name="activation_mapping"),
    path(f"{ONE}mapping/keep/", mapping.keep, name="activation_mapping_keep"),
    path(f"{ONE}schedule/", schedule.show, name="activation_schedule"),
    path(f"{ONE}schedule/keep/", schedule.keep, name="activation_schedule_keep"),
    path(f"{ONE}cancel/", wizard.cancel, name="activation_cancel"),
    path(f"{ONE}run/", activation.run, name="activation_run"),
    path(f"{ONE}pause/", activation.pause, name="activation_pause"),
    path(f"{ONE}resume/", activation.resume, name="activation_resume"),
    path(f"{ONE}duplicate/", activation.duplicate, name="activation_duplicate"),
    path(f"{ONE}delete/", activation.delete, name="activation_delete"),
]
