from django.contrib.auth import views
from django.urls import path

urlpatterns = [
    path("login/", views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("settings/password/", views.PasswordChangeView.as_view(success_url="/"), name="password_change"),
    path("settings/profile/", views.PasswordChangeView.as_view(success_url="/"), name="profile"),
    path("settings/api-keys/", views.PasswordChangeView.as_view(success_url="/"), name="api_keys"),
]
