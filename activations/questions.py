"""What is wrong with Details, and what is asked before they are saved."""

from dataclasses import dataclass, field

from activations import naming
from activations.details import Details
from activations.errors import Refused
from console.workbench.views.export import to_confirm
from integrations.fields import SettingsForm
from integrations.rows import RowStream


@dataclass(frozen=True)
class Found:
    form: SettingsForm | None  # with its errors
    wrong: dict[str, str] = field(default_factory=dict)  # of "name" and "authentication"
    question: str = ""  # to be agreed to, word for word

    @property
    def is_settled(self) -> bool:
        return not self.wrong and not self.question and self.form is not None and self.form.is_valid()


def check(made: Details, rows: RowStream | None) -> Found:
    """Asks the destination, as Done of Export Results does. `rows` are those of the preview."""
    wrong = {}
    try:
        naming.checked(made.name)
    except Refused as refused:
        wrong["name"] = str(refused)
    if made.authentication is None:
        return Found(None, wrong | {"authentication": "Choose an authentication."})
    form = made.form
    if form is None or not form.is_valid():
        return Found(form, wrong)
    question = to_confirm(form, made.authentication, rows)
    return Found(form, wrong, question if question != made.agreed else "")
