"""A name of the warehouse has no hyphen, so an address with one can't be a database or a table."""

from django.urls import path

from console.warehouse import views

urlpatterns = [
    path("", views.databases, name="databases"),
    path("new-database/", views.database_new, name="database_new"),
    path("<slug:database>/", views.database, name="database"),
    path("<slug:database>/new-table/", views.table_new, name="table_new"),
    path("<slug:database>/delete-database/", views.database_delete, name="database_delete"),
    path("<slug:database>/<slug:table>/", views.table, name="table"),
    path("<slug:database>/<slug:table>/delete-table/", views.table_delete, name="table_delete"),
]
