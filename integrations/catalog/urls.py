from django.urls import path

from integrations.catalog import views

urlpatterns = [path("", views.catalog, name="catalog")]
