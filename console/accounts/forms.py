"""Forms of log-in, My Settings and Users."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from console.accounts import throttle
from console.accounts.models import User


class LoginForm(AuthenticationForm):
    throttled_seconds = 0
    error_messages = {
        "invalid_login": "The e-mail address or the password is wrong.",
        "inactive": "The e-mail address or the password is wrong.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"
        self.fields["username"].error_messages["required"] = "Enter your e-mail address."
        self.fields["password"].error_messages["required"] = "Enter your password."
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True}
        )

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not email or not password:
            return self.cleaned_data
        assert self.request is not None  # the log-in view gives it
        try:
            user = throttle.sign_in(email, password, throttle.client_address(self.request))
        except throttle.Throttled as stop:
            self.throttled_seconds = stop.seconds
            raise forms.ValidationError(str(stop)) from stop
        if user is None:
            raise self.get_invalid_login_error()
        self.user_cache = user
        return self.cleaned_data


class ChangePasswordForm(PasswordChangeForm):
    """Django's, with what is wrong with the new password beside the field it is first typed in."""

    error_messages = {
        "password_incorrect": "This is not your present password. Type the one you logged in with.",
        "password_mismatch": "The two new passwords differ. Type the same one twice.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"old_password": "Present password", "new_password1": "New password"}
        for name, label in {**labels, "new_password2": "New password again"}.items():
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = "Fill in this field."
        self.fields[
            "new_password1"
        ].help_text = (
            "At least 10 characters. Not digits alone, not a common password, not like your name or address."
        )
        self.fields["new_password2"].help_text = ""

    def validate_password_for_user(self, user: Any, password_field_name: str = "new_password1") -> None:
        super().validate_password_for_user(user, "new_password1")


class ValidateAccessForm(forms.Form):
    password = forms.CharField(
        label="Password",
        strip=False,
        error_messages={"required": "Type your password."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text="The password you log in with. Access then stays valid for 10 minutes.",
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Times on pages are shown in this zone. Logs are in UTC."
    )

    class Meta:
        model = User
        fields = ("name", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones())
        self.fields["time_zone"].choices = [(name, name) for name in zones]  # type: ignore[attr-defined]


class NewUserForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        error_messages={
            "required": "Enter the address they will log in with.",
            "invalid": "Write the address as name@example.com.",
        },
    )
    name = forms.CharField(label="Name", max_length=100, required=False)
    role = forms.ChoiceField(
        label="Role",
        choices=User.Role.choices,
        initial=User.Role.MEMBER,
        widget=forms.RadioSelect,
        help_text="Administrators also add, change and deactivate users.",
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(f"{email} has an account already. Use another address.")
        return email
