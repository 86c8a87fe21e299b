"""The Schedule panel as it is shown: where Create and Save are pressed, and where what is wrong is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from activations import details, output_mapping, previewing
from activations.models import Activation
from activations.timing import Timing
from activations.views import looking
from activations.views.wizard import PANELS, page
from console.notices import post
from console.workbench.permissions import signed_in
from console.workbench.schedule_form import read_back


@dataclass(frozen=True)
class Wrong:
    """A sentence above the panel, and the panel where it is mended."""

    message: str
    panel: str = ""

    @property
    def title(self) -> str:
        return PANELS.get(self.panel, "")


def panel(
    request: HttpRequest,
    activation: Activation,
    told: Timing,
    wrong: Sequence[Wrong] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    context = shown(request, activation, told)
    return page(request, activation, "schedule", status=status, wrong=wrong, in_mailbox=not post.has_server(),
                **context)  # fmt: skip


def shown(request: HttpRequest, activation: Activation, told: Timing) -> dict[str, Any]:
    """The form, what its rule means, and what will happen."""
    made, look = details.of(activation), looking.at(activation, signed_in(request))
    form = made.form
    return {
        "told": told,
        "form": told.form,
        "readout": read_back(told.form),
        "editable": True,
        "made": made,
        "look": look,
        "address": form.address() if form and form.is_valid() else "",
        "sends": output_mapping.words(look.raw, previewing.available(activation)),
        "size": look.size if look.size is not None else activation.segment.size,
    }
