"""`make bench`: the numbers of the README, each as a ratio within one run. `python -m bench append` runs one.

Absolute times belong to the machine; a ratio of two things measured side by side can be compared.
"""

import sys
from pathlib import Path
from types import ModuleType

from bench import rig

ORDER = ("first_rows", "append", "store", "clevertap", "schedules", "audience", "bytes")


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(ORDER))
    if unknown:
        print(f"There is no bench {', '.join(unknown)}. Choose from {', '.join(ORDER)}.", file=sys.stderr)
        return 2
    folder = rig.prepare_environment()
    try:
        _run(names or list(ORDER), folder)
    finally:
        rig.discard(folder)
    return 0


def _run(names: list[str], folder: Path) -> None:
    import django

    django.setup()
    from bench import append, audience, bytes, clevertap, first_rows, schedules, store

    benches = {
        "first_rows": first_rows,
        "append": append,
        "store": store,
        "clevertap": clevertap,
        "schedules": schedules,
    }
    for name in [name for name in names if name in benches]:
        bench = benches[name]
        _say(name, bench)
        with rig.console() as console:
            bench.run(console)
    alone = {"bytes": bytes, "audience": audience}  # these need no console
    for name in [name for name in names if name in alone]:
        _say(name, alone[name])
        alone[name].run(folder)


def _say(name: str, bench: ModuleType) -> None:
    print(f"\n{name}: {(bench.__doc__ or '').strip().splitlines()[0]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
