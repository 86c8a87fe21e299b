"""Log in, and My Settings: profile, password, API keys."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from console.accounts import access, keys, throttle
from console.accounts.forms import ChangePasswordForm, LoginForm, ProfileForm, ValidateAccessForm
from console.accounts.models import ApiKey


@method_decorator(login_not_required, name="dispatch")
class Login(views.LoginView):
    form_class = LoginForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # htmx was sent here because the session ended: the log-in page must not land inside a region.
        if request.headers.get("HX-Request"):
            page = urlsplit(request.headers.get("HX-Current-URL", "")).path
            back = f"?{urlencode({'next': page})}" if page else ""
            return HttpResponseClientRedirect(reverse("login") + back)
        return super().dispatch(request, *args, **kwargs)

    def form_invalid(self, form: LoginForm) -> HttpResponse:  # type: ignore[override]
        response = self.render_to_response(self.get_context_data(form=form), status=422)
        if form.throttled_seconds:
            response.status_code = 429
            response.headers["Retry-After"] = str(form.throttled_seconds)
        return response


class PasswordChange(views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        user = access.current_user(self.request)
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
        messages.success(self.request, "Password changed. Other sessions of yours have ended.")
        return response

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=access.current_user(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Profile saved.")
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def api_keys(request: HttpRequest) -> HttpResponse:
    """Masked rows, and their texts once the password was given again."""
    form = ValidateAccessForm(request.POST or None)
    if request.method == "POST" and _validates(request, form):
        return redirect("api_keys")
    valid = access.is_valid(request)
    rows = [
        {"key": key, "mask": keys.masked(key), "text": keys.reveal(key) if valid else ""}
        for key in access.current_user(request).api_keys.order_by("-kind")
    ]
    context = {"form": form, "rows": rows, "valid": valid}
    response = render(request, "accounts/api_keys.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(response)
    return response


@require_http_methods(["GET", "POST"])
def regenerate_key(request: HttpRequest, kind: str) -> HttpResponse:
    """Asks, then answers with the new key: this page is the only one that shows it without being asked."""
    key = get_object_or_404(ApiKey, user=access.current_user(request), kind=kind)
    form = ValidateAccessForm(request.POST or None)
    text = ""
    if request.method == "POST" and (access.is_valid(request) or _validates(request, form)):
        text = keys.regenerate(key)
    page = reverse("api_keys")
    context = {"key": key, "text": text, "form": form, "valid": access.is_valid(request), "back_url": page}
    if text:
        context["done_url"] = page  # the page behind still holds the old key
    status = 422 if request.method == "POST" and not text else 200
    response = render(request, "accounts/api_key_regenerate.html", context, status=status)
    add_never_cache_headers(response)
    return response


def _validates(request: HttpRequest, form: Form) -> bool:
    """Whether the posted password is right; else the form says what is wrong."""
    if not form.is_valid():
        return False
    try:
        if access.validate(request, form.cleaned_data["password"]):
            return True
        form.add_error("password", "This is not your password. Type the one you log in with.")
    except throttle.Throttled as stop:
        form.add_error("password", str(stop))
    return False
