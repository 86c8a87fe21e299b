"""What the buttons of the rule builder do to rules as typed."""

from copy import deepcopy

from activations.builder import paths
from activations.builder.typing_in import MEASURE, Node, operators_of
from activations.rules import Vocabulary

TYPES = ("attribute", "behavior", "segment", "group", "column")


def apply(root: Node, action: str, vocabulary: Vocabulary) -> str:
    """Changes `root`. `action` is "add:<group>:<type>", or "<what>:<rule>". Returns the rule to go on with."""
    what, _, rest = action.partition(":")
    path, _, type = rest.partition(":")
    if what == "add":
        return _add(root, path, type, vocabulary)
    inside, number = paths.split(path)
    listed = paths.at(root, inside)
    if not isinstance(listed, list) or not 0 <= number < len(listed):
        return ""
    act = {
        "remove": _remove,
        "copy": _copy,
        "up": _up,
        "down": _down,
        "group": _wrap,
        "out": _out,
        "into": _into,
    }
    return act[what](root, inside, listed, number) if what in act else ""


def settle(node: Node, vocabulary: Vocabulary, columns: dict[str, str] | None = None) -> None:
    """Gives rules whose column was changed an operator it has, and a column that its measure can take."""
    if node["type"] == "group":
        for one in node["rules"]:
            settle(one, vocabulary, columns)
        return
    if node["type"] == "segment":
        return
    if node["type"] == "behavior":
        held = dict(vocabulary.behaviors.get(node["behavior"], {}))
        _settle_column(node, held)
        settle(node["where"], vocabulary, held)
    if node["was"] and node["was"] == subject(node):
        return
    keys = [one.key for one in operators_of(node, vocabulary, columns or {})]
    if keys and node["operator"] not in keys:
        node["operator"] = keys[0]


def subject(node: Node) -> str:
    """What is compared; where it changes, so do the operators."""
    if node["type"] == "behavior":
        return "/".join((node["behavior"], node["measure"], node["column"]))
    return str(node[node["type"]])


def _settle_column(node: Node, held: dict[str, str]) -> None:
    measure = MEASURE.get(node["measure"])
    if measure is None or not measure.of:
        node["column"] = ""
    elif held.get(node["column"]) not in measure.of:
        node["column"] = next((name for name, kind in held.items() if kind in measure.of), "")


def _add(root: Node, path: str, type: str, vocabulary: Vocabulary) -> str:
    group = paths.at(root, path)
    if not isinstance(group, dict) or group.get("type") != "group" or type not in TYPES:
        return ""
    made = _new(type, vocabulary, _columns_at(root, path, vocabulary))
    group["rules"].append(made)
    place = ".".join(filter(None, (path, "rules", str(len(group["rules"]) - 1))))
    if type != "group":
        return place
    # An empty group can't be used: it begins with a rule of the kind that its place takes.
    return _add(root, place, "column" if ".where" in f".{place}" else "attribute", vocabulary)


def _columns_at(root: Node, path: str, vocabulary: Vocabulary) -> dict[str, str]:
    """The columns of the behavior whose filter this is."""
    behavior, inside, _ = path.rpartition(".where") if path.endswith(".where") else path.rpartition(".where.")
    if not inside:
        return {}
    found = paths.at(root, behavior)
    return dict(vocabulary.behaviors.get(found["behavior"], {})) if isinstance(found, dict) else {}


def _new(type: str, vocabulary: Vocabulary, columns: dict[str, str]) -> Node:
    if type == "group":
        return {"type": "group", "match": "any", "rules": []}
    if type == "segment":
        return {"type": "segment", "segment": "", "include": "true"}
    if type == "behavior":
        made: Node = {
            "type": "behavior", "behavior": next(iter(vocabulary.behaviors), ""), "measure": "count", "column": "",
            "operator": "at_least", "value": "1", "window": {"kind": "any"},
            "where": {"type": "group", "match": "all", "rules": []},
        }  # fmt: skip
    else:
        names = vocabulary.attributes if type == "attribute" else columns
        made = {"type": type, type: next(iter(names), ""), "operator": "", "value": ""}
    made["was"] = ""
    settle(made, vocabulary, columns)
    return made


def _remove(root: Node, inside: str, listed: list[Node], number: int) -> str:
    del listed[number]
    around = inside.rpartition("rules")[0].rstrip(".")
    if not listed and around and not around.endswith("where"):
        return _remove(root, *_placed(root, around))  # a group without rules goes too
    return f"{inside}.{min(number, len(listed) - 1)}" if listed else around


def _copy(root: Node, inside: str, listed: list[Node], number: int) -> str:
    listed.insert(number + 1, deepcopy(listed[number]))
    return f"{inside}.{number + 1}"


def _up(root: Node, inside: str, listed: list[Node], number: int) -> str:
    to = max(number - 1, 0)
    listed.insert(to, listed.pop(number))
    return f"{inside}.{to}"


def _down(root: Node, inside: str, listed: list[Node], number: int) -> str:
    to = min(number + 1, len(listed) - 1)
    listed.insert(to, listed.pop(number))
    return f"{inside}.{to}"


def _wrap(root: Node, inside: str, listed: list[Node], number: int) -> str:
    listed[number] = {"type": "group", "match": "any", "rules": [listed[number]]}
    return f"{inside}.{number}.rules.0"


def _out(root: Node, inside: str, listed: list[Node], number: int) -> str:
    """Out of its group, to the place behind it."""
    around = inside.rpartition("rules")[0].rstrip(".")
    if not around or around.endswith("where"):
        return f"{inside}.{number}"
    rule = listed.pop(number)
    outer, outer_list, place = _placed(root, around)
    outer_list.insert(place + 1, rule)
    if not listed:
        del outer_list[place]
        place -= 1
    return f"{outer}.{place + 1}"


def _into(root: Node, inside: str, listed: list[Node], number: int) -> str:
    """Into the group before it, else the one behind it."""
    for to in (number - 1, number + 1):
        if 0 <= to < len(listed) and listed[to]["type"] == "group":
            group = listed[to]
            group["rules"].append(listed.pop(number))
            return f"{inside}.{to - (number < to)}.rules.{len(group['rules']) - 1}"
    return f"{inside}.{number}"


def _placed(root: Node, path: str) -> tuple[str, list[Node], int]:
    inside, number = paths.split(path)
    return inside, paths.at(root, inside), number
