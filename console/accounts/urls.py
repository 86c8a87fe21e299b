from django.contrib.auth.views import LogoutView
from django.urls import path

from console.accounts import user_views, views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/password/", views.PasswordChange.as_view(), name="password_change"),
    path("settings/api-keys/", views.api_keys, name="api_keys"),
    path("settings/api-keys/<str:kind>/regenerate/", views.regenerate_key, name="api_key_regenerate"),
    path("settings/users/", user_views.user_list, name="users"),
    path("settings/users/new/", user_views.user_new, name="user_new"),
    path("settings/users/<int:pk>/", user_views.user_change, name="user_change"),
    path("settings/users/<int:pk>/password/", user_views.user_password, name="user_password"),
]
