from pathlib import Path

from django.conf import settings


def test_the_suite_never_touches_the_data_of_a_real_console() -> None:
    assert "sendoff-tests-" in str(settings.DATA_DIR)
    assert Path(settings.DATABASES["default"]["NAME"]).is_relative_to(settings.DATA_DIR)
