"""Addresses as people paste them; each that is none gets its own fix."""

import pytest
from django.core.exceptions import ValidationError

from console.notices.addresses import envelope, parse


def problems(text: str) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        parse(text)
    return list(refused.value.messages)


def test_lines_commas_and_semicolons_part_addresses_and_each_is_kept_once():
    assert parse("mika@example.com\r\n oncall@example.com;Mika@Example.com, , b@example.org\n") == [
        "mika@example.com", "oncall@example.com", "b@example.org",
    ]  # fmt: skip


def test_nothing_is_no_address():
    assert parse(" \n ,") == []


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        ("mika", "mika has no @. Write it as name@example.com."),
        ("mika@contoso", "mika@contoso: contoso has no ending such as .com. Write it as name@example.com."),
        ("Mika Ito <mika@contoso.com>",
         "Mika Ito <mika@contoso.com>: leave out the name and the brackets. Write mika@contoso.com."),
        ("a@b.com c@d.com", "a@b.com c@d.com has a space in it. Put each address on a line of its own."),
        ("mika@@contoso.com", "mika@@contoso.com is no e-mail address. Write it as name@example.com."),
        ("mika@contoso..com", "mika@contoso..com is no e-mail address. Write it as name@example.com."),
        ("mika@-x.com", "mika@-x.com is no e-mail address. Write it as name@example.com."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_fix(typed: str, fix: str):
    assert problems(typed) == [fix]


def test_every_wrong_address_is_named_and_no_right_one():
    found = problems("good@example.com\nbad\nworse@")
    assert len(found) == 2
    assert found[0].startswith("bad ")
    assert found[1].startswith("worse@")


def test_twenty_is_the_most():
    twenty = "\n".join(f"p{n}@example.com" for n in range(20))
    assert len(parse(twenty)) == 20
    assert problems(f"{twenty}\np20@example.com") == [
        "21 addresses are given, and 20 is the most. Use the address of a mailing list."
    ]


def test_a_line_break_can_not_smuggle_a_header():
    assert parse("a@example.com\nBcc: x@example.com".replace("Bcc: ", "")) == [
        "a@example.com",
        "x@example.com",
    ]
    assert problems("a@example.com\rBcc:x@example.com")


def test_a_domain_of_other_letters_is_written_in_ascii_for_the_server():
    (address,) = parse("mika@bücher.example")
    assert envelope(address) == "mika@xn--bcher-kva.example"
