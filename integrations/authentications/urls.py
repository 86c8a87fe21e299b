from django.urls import include, path

from integrations.authentications import manage, new, views

urlpatterns = [
    path("", views.authentications, name="authentications"),
    path("check/", views.check_all, name="authentications_check"),
    path("oauth/", include("integrations.authentications.oauth.urls")),
    path("new/", new.credentials, name="authentication_new"),
    path("<int:pk>/credentials/", new.draft, name="authentication_draft"),
    path("<int:pk>/name/", new.name, name="authentication_name"),
    path("<int:pk>/edit/", manage.edit, name="authentication_edit"),
    path("<int:pk>/reconnect/", manage.reconnect, name="authentication_reconnect"),
    path("<int:pk>/test/", manage.test, name="authentication_test"),
    path("<int:pk>/delete/", manage.delete, name="authentication_delete"),
]
