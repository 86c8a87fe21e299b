"""`make run`: everything a console needs, from an empty folder to pages that answer."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")


def main() -> int:
    from console.environment import data_dir
    from console.operations import secret_keys

    folder = data_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret_keys.into_environment(folder)  # before the settings are read
    except OSError as error:
        advice = "Name a folder this user can write: SENDOFF_DATA_DIR=/other/folder make run"
        print(f"{folder} can't be used ({error.strerror}). {advice}", file=sys.stderr)
        return 1
    return run(folder)


def run(folder: Path) -> int:
    from django.core.exceptions import ImproperlyConfigured

    from console.operations import serve, startup

    try:
        return serve.main(folder)
    except (startup.Refused, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before it was set up. Start it again to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
