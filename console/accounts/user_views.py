"""Users, for administrators."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.accounts import access, users
from console.accounts.forms import NewUserForm
from console.accounts.models import User

View = Callable[..., HttpResponse]


def administrators_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not access.current_user(request).is_administrator:
            raise PermissionDenied("Only administrators can see and change users. Ask one of them.")
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@administrators_only
def user_list(request: HttpRequest) -> HttpResponse:
    people = User.objects.order_by("-is_active", "email")
    return render(request, "accounts/users.html", {"people": people, "roles": User.Role})


@require_http_methods(["GET", "POST"])
@administrators_only
def user_new(request: HttpRequest) -> HttpResponse:
    form = NewUserForm(request.POST or None)
    if form.is_bound and form.is_valid():
        return _one_time(request, *users.add(**form.cleaned_data))
    context = {"form": form, "back_url": reverse("users")}
    return render(request, "accounts/user_new.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@administrators_only
def user_password(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        return _one_time(request, user, users.reset_password(user))
    context = {"person": user, "back_url": reverse("users"), "dialog_size": "sm"}
    return render(request, "accounts/user_password.html", context)


@require_POST
@administrators_only
def user_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Posted `role` or `active` (1 or 0); answers with the list."""
    user = get_object_or_404(User, pk=pk)
    try:
        if (role := request.POST.get("role")) in User.Role.values:
            users.set_role(user, User.Role(role))
            messages.success(request, f"{user} is now {user.get_role_display().lower()}.")
        elif (active := request.POST.get("active")) in {"0", "1"}:
            users.set_active(user, active == "1")
            messages.success(request, f"{user} is {'active' if user.is_active else 'deactivated'}.")
    except users.LastAdministrator as refusal:
        messages.error(request, str(refusal))
    return redirect("users")


def _one_time(request: HttpRequest, user: User, password: str) -> HttpResponse:
    users_page = reverse("users")
    context = {"person": user, "password": password, "back_url": users_page, "done_url": users_page}
    response = render(request, "accounts/one_time_password.html", context)
    add_never_cache_headers(response)
    return response
