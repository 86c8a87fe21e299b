"""`make bench`: the numbers of the README, each as a ratio within one run. `python -m bench append` runs one.

Absolute times belong to the machine; a ratio of two things measured side by side can be compared.
"""

import sys

from bench import rig

ORDER = ("first_rows", "append", "store", "clevertap")


def main(names: list[str]) -> int:
    unknown = sorted(set(names) - set(ORDER))
    if unknown:
        print(f"There is no bench {', '.join(unknown)}. Choose from {', '.join(ORDER)}.", file=sys.stderr)
        return 2
    folder = rig.prepare_environment()
    try:
        _run(names or list(ORDER))
    finally:
        rig.discard(folder)
    return 0


def _run(names: list[str]) -> None:
    import django

    django.setup()
    from bench import append, clevertap, first_rows, store

    benches = {"first_rows": first_rows, "append": append, "store": store, "clevertap": clevertap}
    for name in names:
        bench = benches[name]
        print(f"{name}: {(bench.__doc__ or '').strip()}")
        with rig.console() as console:
            bench.run(console)
        print()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
