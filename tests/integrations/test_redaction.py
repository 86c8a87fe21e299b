import logging

from integrations import vault
from integrations.redaction import MASK, RedactingFormatter, guard, redact

KEY = "7/" + "5ec4e7" * 6 + "abcd"


def test_a_guarded_value_leaves_no_text_whole_or_in_part() -> None:
    guard([KEY])
    assert redact(f"key {KEY} and {KEY[2:]}") == f"key {MASK} and {MASK}"
    assert redact("nothing to hide") == "nothing to hide"


def test_what_the_vault_has_seen_is_not_logged_nor_in_a_traceback() -> None:
    vault.unseal(vault.seal({"apikey": "planted-canary-value"}))
    try:
        raise ValueError("planted-canary-value")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "said %s", ("planted-canary-value",), info)
    text = RedactingFormatter().format(record)
    assert "planted-canary-value" not in text
    assert "Traceback" in text
    assert MASK in text
