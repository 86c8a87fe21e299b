from django.urls import include, path

urlpatterns = [
    path("catalog/", include("integrations.catalog.urls")),
    path("exports/", include("integrations.exports.urls")),
    path("authentications/", include("integrations.authentications.urls")),
]
