"""The mailbox of a console without a mail server, for administrators."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.accounts.access import current_user
from console.notices import mailbox, post

View = Callable[..., HttpResponse]
PER_PAGE = 50


def administrators_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not current_user(request).is_administrator:
            raise PermissionDenied("Only administrators can read the mailbox. Ask one of them.")
        if post.has_server():
            raise Http404(
                "Mails go through the mail server of SENDOFF_SMTP_URL, so there is no mailbox here."
            )
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@administrators_only
def index(request: HttpRequest) -> HttpResponse:
    page = Paginator(mailbox.names(), PER_PAGE).get_page(request.GET.get("page"))
    mails = [found for name in page if (found := mailbox.read(name))]
    return render(request, "notices/mailbox.html", {"page": page, "mails": mails, "kept": mailbox.KEPT})


@require_safe
@administrators_only
def show(request: HttpRequest, name: str) -> HttpResponse:
    mail = mailbox.read(name)
    if mail is None:
        raise Http404("This mail is not kept here any more.")
    return render(request, "notices/mailbox_mail.html", {"mail": mail})


@require_safe
@administrators_only
def download(request: HttpRequest, name: str) -> HttpResponse:
    data = mailbox.raw(name)
    if data is None:
        raise Http404("This mail is not kept here any more.")
    # A mail holds HTML: saved, never shown by the browser.
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.eml"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="message/rfc822", headers=headers)
