"""Rules for values: each yields the rows of a batch that break it."""

from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from integrations.connectors.clevertap.rules.broken import Broken, where

LONGEST = 512  # characters; the byte limit is left to CleverTap
E164 = r"^\+[1-9][0-9]{1,14}$"
EMAIL = r"^[^@\s]+@[^@\s]+$"
NO_PHONE = "Not a phone number in E.164 form: + and 2 to 15 digits, such as +14155551234."
NO_EMAIL = "Not an e-mail address."
NOT_FINITE = "NaN and Infinity can't be sent."


def is_blank(text: pa.Array) -> pa.Array:
    """True for NULL, for empty text and for spaces alone."""
    empty = pc.or_(pc.equal(pc.binary_length(text), 0), pc.utf8_is_space(text))
    return empty.fill_null(True)


def missing(name: str, text: pa.Array) -> Iterator[Broken]:
    yield from where(is_blank(text), name, None, f"{name} is missing.")


def too_long(name: str, text: pa.Array, *, but: pa.Array | None = None) -> Iterator[Broken]:
    """More characters than CleverTap takes. `but`: rows the rule is not about."""
    longest = pc.max(pc.binary_length(text)).as_py()
    if not longest or longest <= LONGEST:
        return
    mask = pc.greater(pc.utf8_length(text), LONGEST)
    if but is not None:
        mask = pc.and_not(mask, but)
    yield from where(mask, name, text, f"Longer than {LONGEST} characters.")


def not_matching(name: str, text: pa.Array, pattern: str, reason: str) -> Iterator[Broken]:
    """Text of another shape; blank text is `missing`'s."""
    wrong = pc.invert(pc.match_substring_regex(text, pattern))
    yield from where(pc.and_(wrong, pc.invert(is_blank(text))), name, text, reason)


def not_one_of(
    name: str,
    text: pa.Array,
    allowed: tuple[str, ...],
    spelled: Callable[[pa.Array], pa.Array] = lambda text: text,
) -> Iterator[Broken]:
    """`spelled`: how CleverTap writes what may be given in any case."""
    wrong = pc.invert(pc.is_in(spelled(text), pa.array(allowed, pa.string())))
    listed = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
    yield from where(pc.and_(wrong, pc.invert(is_blank(text))), name, text, f"{name} must be {listed}.")


def not_finite(name: str, values: pa.Array) -> Iterator[Broken]:
    if types.is_floating(values.type):
        yield from where(pc.invert(pc.is_finite(values)), name, values, NOT_FINITE)
