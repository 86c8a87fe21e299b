"""Forms of settings and credentials, and the groups of fields that several connectors share."""

from integrations.fields.file import DelimiterField, FileFields, SpelledField
from integrations.fields.pgp import PgpFields
from integrations.fields.retries import RetryFields, retry_policy
from integrations.fields.settings_form import AidField, Entry, SecretField, Section, SettingsForm, Suggestion

__all__ = [
    "AidField",
    "DelimiterField",
    "Entry",
    "FileFields",
    "PgpFields",
    "RetryFields",
    "SecretField",
    "Section",
    "SettingsForm",
    "SpelledField",
    "Suggestion",
    "retry_policy",
]
