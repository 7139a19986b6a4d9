#!/usr/bin/python3
"""Every line of each FILE is a JSON object that the schema allows.

usage: jsonl-check.py SCHEMA FILE...     FILE "-" is standard input; exit 1 when a line is refused or there is none.
"""
import json
import sys

import jsonschema


def no_doubles(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key stands twice among {keys}")
    return dict(pairs)


def problems(validator, line):
    try:
        record = json.loads(line, object_pairs_hook=no_doubles)
    except ValueError as why:
        return [f"no JSON: {why}"]
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(record)]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    good = bad = 0
    for path in sys.argv[2:]:
        with (sys.stdin if path == "-" else open(path, encoding="utf-8", newline="\n")) as file:
            for number, line in enumerate(file, 1):
                found = problems(validator, line)
                for problem in found[:5]:
                    print(f"{path}:{number}: {problem}")
                bad, good = bad + bool(found), good + (not found)
    print(f"{good} records are as the schema says, {bad} are not")
    sys.exit(bad > 0 or good == 0)


main()
