"""Which subkey of a pasted public key encrypts, and why another one can't."""


def encryption_subkey(public_key: str, identifier: str) -> str:
    """The 16 digits of the encryption subkey that `identifier` names. Raises `SettingsError` with its field."""
    raise NotImplementedError
