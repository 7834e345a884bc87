"""Compares `muster scopes batch` with fhir.smart.scopes, an independent implementation from PyPI.

    scopes_peer.py BINARY [--plant]     --plant turns one answer round, which must be noticed

The peer reads SMART v2 scopes without parameters. Where it and the guide (or Muster's stated
decisions) differ, the difference stands in EXPECTED with its reason, and must still be there.
"""

import itertools
import json
import random
import subprocess
import sys

from fhir.smart.scopes import ALL_RESOUCES, _explode, scopes

CONTEXTS = ["patient", "user", "system"]
TYPES = ["*", "Patient", "Observation", "Condition", "Encounter", "Binary"]
OTHERS = ["openid", "fhirUser", "launch", "launch/patient", "launch/encounter", "offline_access"]
SUFFIXES = [
    "".join(letter for letter, take in zip("cruds", taken) if take)
    for taken in itertools.product([False, True], repeat=5)
    if any(taken)
]

# Tokens on which the two differ, and why.
EXPECTED = {
    "patient/Observation.": "the peer takes an empty suffix as no permission; Muster rejects it",
    "patient/Observation/rs": "the peer's pattern takes any character for the dot",
    "patient/Media.rs": "the peer knows the types of R5 only; Muster reads a type by its shape",
    "patient/Observation.read": "the peer has no version 1",
    "patient/Observation.*": "the peer has no version 1",
    "profile": "the peer has no profile",
    "launch/diagnosticreport?role=https://a.example/x": "the peer has no roles",
    "launch/somethingelse": "the peer knows the types of R5 only",
    "system/Group.$export": "the peer has no operations",
    "patient/Observation.rs?category=laboratory": "the peer has no parameters",
    "roles": "the peer refuses what it does not know; Muster keeps it as custom",
    "__private": "the peer refuses extensions",
}

# Tokens both must refuse.
BOTH_REFUSE = [
    "patient/Observation.sr", "patient/Observation.rr", "patient/Observation.x", "Patient/Observation.rs",
    "practitioner/Observation.rs", "patient/observation.rs", "patient/Observation.R", "*/Observation.rs",
    "patient/Observation.rsx", "patient/*", "user/", "launch/Patient",
]


def peer_accepts(token):
    try:
        scopes(token)
        return True
    except (ValueError, IndexError):
        return False


def atoms(tokens):
    """What the peer makes of a list; a wildcard is every type it knows."""
    return {atom for token in tokens for atom in _explode(token)}


def peer_covers(granted, wanted):
    held = atoms(granted)
    for token in wanted:
        for context, resource, letter in _explode(token):
            if (context, resource, letter) not in held:
                return False
    return True


def random_set(chance):
    tokens = [
        f"{chance.choice(CONTEXTS)}/{chance.choice(TYPES)}.{chance.choice(SUFFIXES)}"
        for _ in range(chance.randrange(0, 6))
    ]
    return tokens + chance.sample(OTHERS, chance.randrange(0, 3))


def questions(chance, rounds):
    """Each question with a function that says whether an answer is right."""
    for suffix in SUFFIXES:
        for context in CONTEXTS:
            for kind in TYPES:
                token = f"{context}/{kind}.{suffix}"
                yield {"op": "parse", "scope": token}, lambda answer, token=token: answer["valid"] is peer_accepts(token)
    for letters in itertools.product("crudsx", repeat=3):
        token = "user/Patient." + "".join(letters)
        yield {"op": "parse", "scope": token}, lambda answer, token=token: answer["valid"] is peer_accepts(token)
    for token in BOTH_REFUSE:
        yield {"op": "parse", "scope": token}, lambda answer, token=token: not answer["valid"] and not peer_accepts(token)
    for token in EXPECTED:
        yield {"op": "parse", "scope": token}, lambda answer, token=token: answer["valid"] is not peer_accepts(token)
    everything = sorted(ALL_RESOUCES)
    whole = [f"user/{kind}.r" for kind in everything]
    # The peer takes the enumeration for the wildcard; no enumeration covers `*`.
    yield (
        {"op": "covers", "granted": whole, "wanted": ["user/*.r"]},
        lambda answer: answer["verdict"] == "not_covered" and peer_covers(whole, ["user/*.r"]),
    )
    # The peer holds the two refresh scopes for exclusive; the guide does not.
    yield (
        {"op": "parse_set", "scope": "online_access offline_access"},
        lambda answer: len(answer["scopes"]) == 2 and not peer_accepts("online_access offline_access"),
    )
    for _ in range(rounds):
        a, b = random_set(chance), random_set(chance)
        in_a, in_b = atoms(a), atoms(b)
        yield {"op": "canonical", "scopes": a}, lambda answer, want=in_a: atoms(answer["scopes"]) == want
        yield {"op": "union", "a": a, "b": b}, lambda answer, want=in_a | in_b: atoms(answer["scopes"]) == want
        yield {"op": "intersection", "a": a, "b": b}, lambda answer, want=in_a & in_b: atoms(answer["scopes"]) == want
        yield (
            {"op": "covers", "granted": a, "wanted": b},
            lambda answer, want=peer_covers(a, b): (answer["verdict"] == "covered") is want,
        )
        # What no list can say (a wildcard without some types) is left to the open part of the answer.
        yield (
            {"op": "difference", "a": a, "b": b},
            lambda answer, want=in_a - in_b: atoms(answer["scopes"]) <= want
            and (bool(answer["open"]) or atoms(answer["scopes"]) == want),
        )
        want = (in_b <= in_a, in_a <= in_b)
        relation = {(True, True): "equal", (True, False): "broader", (False, True): "narrower"}.get(
            want, "overlapping" if in_a & in_b else "disjoint"
        )
        yield {"op": "relation", "granted": a, "wanted": b}, lambda answer, want=relation: answer["relation"] == want


def main():
    binary, plant = sys.argv[1], "--plant" in sys.argv
    asked = list(questions(random.Random(20260101), 2_000))
    text = "".join(json.dumps(question) + "\n" for question, _ in asked)
    run = subprocess.run([binary, "scopes", "batch"], input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if len(answers) != len(asked):
        sys.exit(f"scopes_peer.py: {len(asked)} questions, {len(answers)} answers")
    if plant:
        place = next(number for number, (question, _) in enumerate(asked) if question["op"] == "covers")
        answers[place]["verdict"] = "covered"
    wrong = [(question, answer) for (question, right), answer in zip(asked, answers) if not right(answer)]
    for question, answer in wrong[:10]:
        print("noticed" if plant else "FAILED", json.dumps(question)[:300], json.dumps(answer)[:300])
    if plant:
        noticed = [question for question, _ in wrong] == [asked[place][0]]
        print("the planted fault was noticed" if noticed else "THE PLANTED FAULT WAS NOT NOTICED")
        sys.exit(0 if noticed else 1)
    print(f"{len(asked) - len(wrong)} passed, {len(wrong)} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
