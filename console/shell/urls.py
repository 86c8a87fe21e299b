from django.urls import path

from console.shell import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("help/", views.help_page, name="help"),
    path("settings/theme/", views.theme, name="theme"),
    path("running/", views.running, name="running"),
]
