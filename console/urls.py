from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="queries"), name="home"),
    path("", include("console.operations.urls")),
    path("", include("console.shell.urls")),
    path("", include("console.accounts.urls")),
    path("workbench/", include("console.workbench.urls")),
    path("workbench/notices/", include("console.notices.urls")),
    path("workbench/databases/", include("console.warehouse.urls")),
    path("integrations/", include("integrations.urls")),
    path("audience/", include("activations.urls")),
]

handler400 = "console.shell.views.bad_request"
handler500 = "console.shell.views.server_error"
