"""The console must run on the packages of requirements.lock: what only tests and checks install is not there."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMPORT_ALL = """
import importlib, os, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"{name} is not in requirements.lock", name=name)

ABSENT = set(sys.argv[1:])
sys.meta_path.insert(0, Absent())
import django
django.setup()
for room in ("console", "integrations", "activations"):
    for module in pkgutil.walk_packages(importlib.import_module(room).__path__, f"{room}."):
        if not module.name.endswith("engine.child"):  # a program of its own
            importlib.import_module(module.name)
"""


def locked(name: str) -> set[str]:
    text = (ROOT / name).read_text()
    return {re.sub(r"[-_.]+", "-", found).lower() for found in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text)}


def test_every_module_imports_without_the_packages_of_the_tests() -> None:
    only_tests = locked("requirements-dev.lock") - locked("requirements.lock")
    assert {"pytest", "pandas"} <= only_tests
    absent = [
        package
        for package, distributions in packages_distributions().items()
        if {re.sub(r"[-_.]+", "-", one).lower() for one in distributions} <= only_tests
    ]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *absent], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
