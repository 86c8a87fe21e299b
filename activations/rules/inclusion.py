"""Segments that rules include or exclude, and those that these name in turn. A segment can't be in itself."""

from typing import Any

from activations.rules.errors import Problem, RulesError
from activations.rules.nodes import Group, Membership, Rule, memberships
from activations.rules.parsing import parse
from activations.rules.vocabulary import Vocabulary

SEGMENTS, RULES, DEPTH = 100, 2_000, 25  # of all that rules lead to


def resolve(root: Group, vocabulary: Vocabulary) -> dict[int, Group]:
    """The rules of every segment that `root` leads to. Raises RulesError at the membership that leads astray."""
    found: dict[int, Group] = {}
    for number in sorted(memberships(root)):
        try:
            _follow(number, vocabulary, found, () if vocabulary.own is None else (vocabulary.own,))
        except RulesError as error:
            raise RulesError([Problem(_path(root, number), one.message) for one in error.problems]) from None
    _limit(root, found)
    return found


def _limit(root: Group, found: dict[int, Group]) -> None:
    """What is included is written out where it is named, each time: two that include two make four."""
    rules, deep = _extent(root, found, {})
    if rules > RULES:
        message = f"With all segments they include these are {rules:,} rules, {RULES:,} are the most. Include fewer."
        raise RulesError([Problem("", message)])
    if deep > DEPTH:
        message = f"With all segments they include these rules are nested {deep} deep, {DEPTH} is the most."
        raise RulesError([Problem("", f"{message} Write some of their rules here.")])


def _extent(rule: Rule, found: dict[int, Group], known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """How many rules there are when segments are written out, and how deep."""
    if isinstance(rule, Membership):
        if rule.segment not in known:
            known[rule.segment] = _extent(found[rule.segment], found, known)
        rules, deep = known[rule.segment]
        return rules, deep + 1
    if isinstance(rule, Group):
        below = [_extent(one, found, known) for one in rule.rules]
        return sum(rules for rules, _ in below), 1 + max((deep for _, deep in below), default=0)
    return 1, 1


def numbers_in(raw: Any) -> set[int]:
    """The segments that rules name, as JSON: also where something else in them can't be read any more."""
    if not isinstance(raw, dict):
        return set()
    if raw.get("type") == "segment":
        return {raw["segment"]} if isinstance(raw.get("segment"), int) else set()
    rules = raw.get("rules")
    return set().union(*map(numbers_in, rules)) if isinstance(rules, list) else set()


def _follow(number: int, vocabulary: Vocabulary, found: dict[int, Group], way: tuple[int, ...]) -> None:
    if number in way:
        names = " → ".join(_name(one, vocabulary) for one in (*way[way.index(number) :], number))
        raise RulesError([Problem("", f"A segment can't be part of itself: {names}. Choose another one.")])
    if number in found:
        return
    if len(found) >= SEGMENTS:
        raise RulesError(
            [Problem("", f"More than {SEGMENTS} segments are included. Write some of their rules here.")]
        )
    known = vocabulary.segment(number)
    if known is None:
        raise RulesError([Problem("", "A segment that is included no longer exists.")])
    try:
        rules = parse(known.rules, vocabulary)
    except RulesError as error:
        raise RulesError(
            [Problem("", f"In segment {known.name}: {one.message}") for one in error.problems]
        ) from None
    for one in sorted(memberships(rules)):
        _follow(one, vocabulary, found, (*way, number))
    found[number] = rules  # once all it leads to is: a way back to it is a cycle


def _name(number: int, vocabulary: Vocabulary) -> str:
    known = vocabulary.segment(number)
    return known.name if known else f"segment {number}"


def _path(rule: Rule, number: int, path: str = "") -> str:
    if isinstance(rule, Membership):
        return f"{path}.segment" if rule.segment == number else ""
    if isinstance(rule, Group):
        for i, below in enumerate(rule.rules):
            if found := _path(below, number, f"{path}.rules.{i}".lstrip(".")):
                return found
    return ""
