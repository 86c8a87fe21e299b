import os
from pathlib import Path

from django.conf import settings


def test_the_suite_never_touches_the_data_of_a_real_console() -> None:
    assert Path(settings.DATA_DIR).is_relative_to(os.environ["SENDOFF_TEST_DIR"])
    database = settings.DATABASES["default"]
    on_postgres = os.environ.get("SENDOFF_TEST_DATABASE") == "postgres"
    assert (
        "@127.0.0.1:" in os.environ["DATABASE_URL"]
        if on_postgres
        else str(settings.DATA_DIR) in str(database["NAME"])
    )
