"""What Audience Studio refuses, as the API says it: every problem with its path through the body."""

from collections.abc import Sequence

from django.db import IntegrityError
from django.http import HttpResponse

from activations.errors import Invalid, Problem, Refused, Stale
from activations.rules import RulesError
from console.api.answers import refusal

SHOWN = 3  # problems in the sentence; all are in `details`


def explain(problem: Invalid | Refused | Stale) -> HttpResponse:
    match problem:
        case Invalid():
            return _invalid(problem)
        case Stale():
            version = problem.current.version
            message = f"{problem} Read it again, and send its version, {version}, with what you change."
            return refusal(409, message, details={"version": version})
        case Refused(__cause__=Invalid() as cause):
            return _invalid(cause)
    details = {"problems": [_printed(Problem(problem.field, str(problem)))]}
    taken = isinstance(problem.__cause__, IntegrityError)
    return refusal(422 if problem.field and not taken else 409, str(problem), details=details)


def _invalid(invalid: Invalid) -> HttpResponse:
    problems: Sequence[Problem] = invalid.problems
    if isinstance(invalid, RulesError):  # its paths begin at the rules, which are a field of the segment
        problems = [Problem(f"rules.{one.path}".rstrip("."), one.message) for one in problems]
    message = " ".join(map(str, problems[:SHOWN]))
    if len(problems) > SHOWN:
        message += f" And {len(problems) - SHOWN:,} more, in details.problems."
    return refusal(422, message, details={"problems": [_printed(one) for one in problems]})


def _printed(problem: Problem) -> dict[str, str]:
    return {"path": problem.path, "message": problem.message}
