"""Parent segments: the list, and the tree of one."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from activations import parents
from activations.models import ParentSegment
from activations.views import studio


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = {"rail": False, "audiences": ParentSegment.objects.select_related("owner")}
    return studio.page(request, "parent_segments", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    audience = studio.audience(pk)
    context = studio.frame(request, audience) | {"problems": parents.problems_of(audience)}
    return studio.page(request, "audience", context)
