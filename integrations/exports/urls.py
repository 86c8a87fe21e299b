from django.urls import path

from integrations.exports import views

urlpatterns = [path("<int:pk>/browse/", views.browse, name="export_browse")]
