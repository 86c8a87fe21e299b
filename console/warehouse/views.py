"""Data Workbench > Databases. Everybody makes databases and makes and deletes tables; only administrators
delete a database, because its tables go with it.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from console.warehouse import storage
from console.warehouse.forms import DatabaseForm, NameForm, TableForm
from console.warehouse.types import NotFound, TableRef

ROWS = 100  # shown of a table
CHANGES = 10
View = Callable[..., HttpResponse]


def not_found_is_404(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFound as missing:
            raise Http404(str(missing)) from missing

    return guarded


@require_safe
def databases(request: HttpRequest) -> HttpResponse:
    everything = storage.databases()
    text = request.GET.get("q", "").strip()
    context = {
        "q": text,
        "found": [d for d in everything if text.lower() in d.name],
        "total": len(everything),
    }
    return render(request, _list(request, "warehouse/databases.html"), context)


@require_safe
@not_found_is_404
def database(request: HttpRequest, database: str) -> HttpResponse:
    everything = storage.tables(database)
    text = request.GET.get("q", "").strip()
    found = [t for t in everything if text.lower() in t.ref.table]
    context = {"database": database, "q": text, "found": found, "total": len(everything)}
    return render(request, _list(request, "warehouse/database.html"), context)


@require_safe
@not_found_is_404
def table(request: HttpRequest, database: str, table: str) -> HttpResponse:
    ref = TableRef(database, table)
    info = storage.table(ref)
    columns, rows = storage.first_rows_text(ref, ROWS)
    changes = storage.history(ref)[:CHANGES]
    context = {"table": info, "columns": columns, "rows": rows, "changes": changes}
    return render(request, "warehouse/table.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def database_new(request: HttpRequest) -> HttpResponse:
    form = DatabaseForm(request.POST or None)
    back = reverse("databases")
    return _create(request, form, {"form": form, "thing": "database", "back_url": back})


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_is_404
def table_new(request: HttpRequest, database: str) -> HttpResponse:
    storage.database(database)
    form = TableForm(request.POST or None, database=database)
    back = reverse("database", args=[database])
    return _create(request, form, {"form": form, "thing": "table", "database": database, "back_url": back})


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_is_404
def database_delete(request: HttpRequest, database: str) -> HttpResponse:
    if not getattr(request.user, "is_administrator", False):
        raise PermissionDenied("Only administrators can delete a database. Ask one of them.")
    tables = storage.tables(database)
    if request.method == "POST":
        storage.drop_database(database)
        messages.success(request, f"Database {database} is deleted.")
        return _go(request, reverse("databases"))
    context = {"database": database, "tables": tables, "rows": sum(t.rows for t in tables)}
    return render(
        request,
        "warehouse/database_delete.html",
        context | {"back_url": reverse("database", args=[database]), "dialog_size": "sm"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_is_404
def table_delete(request: HttpRequest, database: str, table: str) -> HttpResponse:
    ref = TableRef(database, table)
    info = storage.table(ref)
    if request.method == "POST":
        storage.drop_table(ref)
        messages.success(request, f"Table {ref} is deleted.")
        return _go(request, reverse("database", args=[database]))
    back = reverse("table", args=[database, table])
    context = {"table": info, "back_url": back, "dialog_size": "sm"}
    return render(request, "warehouse/table_delete.html", context)


def _create(request: HttpRequest, form: NameForm, context: dict[str, object]) -> HttpResponse:
    if form.is_bound and form.save():
        name = form.cleaned_data["name"]
        database = context.get("database")
        target = reverse("table", args=[database, name]) if database else reverse("database", args=[name])
        return _go(request, target)
    return render(request, "warehouse/new.html", context, status=422 if form.is_bound else 200)


def _list(request: HttpRequest, template: str) -> str:
    """The whole page, or the list alone where the search field asks for it."""
    asked = request.htmx.target  # type: ignore[attr-defined]
    return template.replace("warehouse/", "warehouse/_") if asked == "warehouse-list" else template


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]
