"""The sample behind the previews of the panels."""

from dataclasses import dataclass

from activations import output_mapping, previewing, timing
from activations.models import Activation, Measurement
from activations.output_mapping import Raw
from activations.string_builder import Facts
from console.accounts.models import User
from integrations.rows import RowStream


@dataclass(frozen=True)
class Look:
    raw: Raw
    facts: Facts
    measurement: Measurement | None
    failed: str  # why there is no sample
    stream: RowStream | None

    @property
    def going(self) -> bool:
        return self.measurement is not None and self.measurement.state in Measurement.OPEN

    @property
    def size(self) -> int | None:
        return self.measurement.size if self.measurement else None

    @property
    def is_chosen(self) -> bool:
        return bool(self.raw["all_columns"] or self.raw["columns"] or self.raw["strings"])


def at(activation: Activation, user: User, *, again: bool = False) -> Look:
    raw = output_mapping.of(activation)
    told = previewing.facts(activation, timing.zone_of(timing.of(activation, user)))
    found = previewing.sample(activation, user, again=again)
    if isinstance(found, str):
        return Look(raw, told, None, found, None)
    failed = ""
    if found.state == Measurement.State.FAILED:
        failed = f"{found.error_message} {found.error_action}".strip()
    return Look(raw, told, found, failed, previewing.rows(found, raw, told))
