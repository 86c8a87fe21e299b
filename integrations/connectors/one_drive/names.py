"""What OneDrive and SharePoint allow in names and paths.

https://support.microsoft.com/office/restrictions-and-limitations-in-onedrive-and-sharepoint-64883a5d-228e-48f5-b3d2-eb39e07630fa
"""

import re

from django.core.exceptions import ValidationError

LONGEST_PATH = 400  # characters, decoded, with the file's name
FORBIDDEN = re.compile(r'["*:<>?/\\|]')
RESERVED = re.compile(r"(?i)\.lock|con|prn|aux|nul|com[0-9]|lpt[0-9]|desktop\.ini")


def check_file_name(name: str) -> None:
    """Raises `ValidationError` with what to change."""
    if not name.isascii():
        raise ValidationError("File names can contain single-byte characters only.")
    _check(name, "File name")
    if name.startswith("~$"):
        raise ValidationError("File name cannot begin with ~$.")
    if name.endswith("."):
        raise ValidationError("File name cannot end with a full stop.")


def folder_segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def check_folder_path(path: str) -> None:
    """The root is "/". Raises `ValidationError`."""
    if not path.startswith("/"):
        raise ValidationError("Folder Path begins with a slash, for example /Reports/Regional.")
    if "//" in path:
        raise ValidationError("Folder Path has two slashes in a row. Remove one.")
    segments = folder_segments(path)
    for segment in segments:
        _check(segment, "A folder's name")
        if segment.endswith(".") or segment.startswith("~"):
            raise ValidationError(f"The folder name “{segment}” cannot begin with ~ or end with a full stop.")
    if segments and segments[0].lower() == "forms":
        raise ValidationError("“forms” is a reserved name in OneDrive for a folder at the top.")


def check_length(*parts: str) -> None:
    length = len("/".join(part.strip("/") for part in parts if part.strip("/")))
    if length > LONGEST_PATH:
        raise ValidationError(
            f"The path has {length} characters with the file's name. OneDrive allows {LONGEST_PATH}."
        )


def _check(name: str, what: str) -> None:
    if FORBIDDEN.search(name):
        raise ValidationError(f'{what} cannot contain " * : < > ? / \\ |.')
    if any(ord(character) < 32 for character in name):
        raise ValidationError(f"{what} cannot contain control characters.")
    if name != name.strip():
        raise ValidationError(f"{what} cannot begin or end with a blank.")
    if RESERVED.fullmatch(name) or "_vti_" in name.lower():
        raise ValidationError(f"“{name}” is a reserved name in OneDrive.")
