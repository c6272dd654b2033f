"""Runs in the interpreter that has PyPI's jmespath: answers queries like jmespath_answers.c does.

Each line of the input is ["query", document], each line of the output the result or "error: " and the kind of error.
Where the reference goes its own way and ours keeps to the specification, its habit is taken away here, so that all
the rest can be compared:

- it orders strings, and raises for a string and a number; the specification orders numbers only, the rest is null;
- inside arrays and objects True equals 1, as in Python; in JSON it does not;
- merge() takes what Python makes a dict of behind its first argument;
- avg() and sum() give whole numbers that are written like 2.0, which to_string() shows;
- a slice projects, but behind an index it does not: `a[0][1:].b` is null; the specification makes no such exception.
"""

import json
import sys
import warnings

from jmespath import functions, parser, visitor


def same(left, right):
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right or (numeric(left) and numeric(right) and left == right)


def numeric(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def whole(number):
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 2**53 else number


class Parser(parser.Parser):
    def _token_led_lbracket(self, left):
        wrapped = {"type": "pipe", "children": [left]} if left["type"] == "index_expression" else left
        return super()._token_led_lbracket(wrapped)


class Functions(functions.Functions):
    @functions.signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject, search):
        if isinstance(subject, str):
            return search in subject
        return any(same(one, search) for one in subject)

    @functions.signature({"types": ["object"], "variadic": True})
    def _func_merge(self, *objects):
        if not all(isinstance(one, dict) for one in objects):
            raise TypeError("merge() takes objects")
        return {name: one[name] for one in objects for name in one}

    @functions.signature({"types": ["array-number"]})
    def _func_avg(self, array):
        return whole(super()._func_avg(array))

    @functions.signature({"types": ["array-number"]})
    def _func_sum(self, array):
        return whole(super()._func_sum(array))

    @functions.signature({"types": ["string"]}, {"types": ["string"]})
    def _func_equals_ignore_case(self, left, right):
        def fold(text):
            return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
        return fold(left) == fold(right)


def main():
    visitor._is_comparable = numeric
    visitor.TreeInterpreter.COMPARATOR_FUNC = dict(
        visitor.TreeInterpreter.COMPARATOR_FUNC, eq=same, ne=lambda left, right: not same(left, right))
    warnings.simplefilter("ignore")  # it warns of literals without quotes
    options = visitor.Options(custom_functions=Functions())
    for line in sys.stdin:
        query, document = json.loads(line)
        try:
            result = Parser().parse(query).search(document, options)
            print(json.dumps(result, separators=(",", ":")))
        except Exception as failure:  # among them TypeError and AttributeError of the reference itself
            print(f"error: {type(failure).__name__}: {str(failure).splitlines()[0] if str(failure) else ''}")


if __name__ == "__main__":
    main()
