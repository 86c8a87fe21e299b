"""Parts of the Export Results dialog that belong to the integration, wherever the dialog stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from integrations.exports import browsing
from integrations.models import Authentication


@require_POST
def browse(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody uses every authentication, and so sees its folders."""
    authentication = get_object_or_404(Authentication.objects.saved(), pk=pk)
    listing, field = browsing.listing(authentication, request.POST.dict())
    context = {"listing": listing, "authentication": authentication, "field": field}
    return render(request, "integrations/_browse.html", context)
