"""Random queries: most of them well-formed, over the names and values of the documents, so that they find something."""

import json
import random

import jmespath_cases

NUMBERS = ["0", "1", "2", "3", "7", "12", "20", "-1", "2.5", "30"]
WORDS = ["EV_EVENT_TAG", "EV_EFI_VARIABLE_BOOT", "SecureBoot", "AQ", "RSA", "EC", "Ann", "Bob", "x", "y", "a", "b", "", "A"]
TEXT = ["name", "'abc'", "'ABC'", "s[0]", "''", "umlaut", "type(@)", "to_string(@)", "EventTypeString", "people[0].name", "kty"]
ARRAYS = ["Events", "PCRs", "people", "n", "s", "nested", "mixed", "list", "@", "*", "[*]", "[]", "Events[*].ProcessedData",
          "people[].tags", "PCRs[*].Index", "Events[*].EventSeq", "people[*].name", "`[3, 1, 2]`", "`[]`", "tags", "ops.*"]


def names(value, found):
    if isinstance(value, dict):
        for name, inner in value.items():
            found.add(name)
            names(inner, found)
    elif isinstance(value, list):
        for inner in value:
            names(inner, found)
    return found


class Generator:
    def __init__(self, chance, document):
        self.chance = chance
        self.fields = sorted(name for name in names(document, set()) if name.isidentifier()) + ["missing"]
        self.top = [name for name in document if name.isidentifier()] if isinstance(document, dict) else ["[*]", "[0]", "[]"]

    def field(self):
        name = self.chance.choice(self.fields)
        return f'"{name}"' if self.chance.random() < 0.05 else name

    def literal(self):
        return self.chance.choice([
            lambda: f"`{self.chance.choice(NUMBERS)}`", lambda: f"'{self.chance.choice(WORDS)}'",
            lambda: self.chance.choice(["`true`", "`false`", "`null`", "`[]`", "`{}`", "`\"x\"`", "`[1, [2], null]`", "`{\"a\": {\"b\": 1}}`"])])()

    def step(self, depth):
        """What may stand behind an expression."""
        return self.chance.choice([
            lambda: "." + self.field(), lambda: "." + self.field(), lambda: "[*]", lambda: "[*]." + self.field(), lambda: ".*", lambda: "[]",
            lambda: f"[{self.chance.randint(-3, 3)}]", lambda: "[" + self.slice() + "]", lambda: f"[?{self.condition(depth - 1)}]",
            lambda: f".[{self.expression(depth - 1)}, {self.field()}]", lambda: f".{{p: {self.expression(depth - 1)}, q: {self.field()}}}",
            lambda: " | " + self.expression(depth - 1), lambda: " | [0]", lambda: " | @", lambda: f".{self.call(depth - 1)}"])()

    def slice(self):
        part = lambda: self.chance.choice(["", "", str(self.chance.randint(-4, 4))])
        return part() + ":" + part() + self.chance.choice(["", "", ":" + self.chance.choice(["1", "2", "-1", "-2", ""])])

    def condition(self, depth):
        if depth <= 0:
            return self.chance.choice([self.field(), f"{self.field()} == {self.literal()}", f"@ > `{self.chance.choice(NUMBERS)}`"])
        left, right = self.expression(depth - 1), self.chance.choice([self.literal, self.literal, lambda: self.expression(depth - 1)])()
        return self.chance.choice([
            f"{left} {self.chance.choice(['==', '!=', '<', '<=', '>', '>='])} {right}", f"{left} {self.chance.choice(['==', '!='])} {right}",
            f"{self.condition(depth - 1)} && {self.condition(depth - 1)}", f"{self.condition(depth - 1)} || {self.condition(depth - 1)}",
            f"!{left}", f"({self.condition(depth - 1)})", left])

    def array(self, depth):
        return self.chance.choice(ARRAYS) if self.chance.random() < 0.8 else self.expression(depth)

    def text(self, depth):
        return self.chance.choice(TEXT) if self.chance.random() < 0.9 else self.expression(depth)

    def call(self, depth):
        array, text, other, some = self.array(depth), self.text(depth), self.text(depth), self.expression(depth - 1)
        key = self.chance.choice(["EventSeq", "PcrIndex", "name", "age", "Index", "@", "a", "length(name)", "to_string(@)", some])
        return self.chance.choice([
            f"length({array})", f"length({text})", f"type({some})", f"to_string({some})", f"to_number({text})", f"to_array({some})", f"keys({some})",
            f"values({some})", f"not_null({some}, {self.field()}, {self.literal()})", f"sort({array})", f"sort_by({array}, &{key})", f"max_by({array}, &{key})",
            f"min_by({array}, &{key})", f"map(&{some}, {array})", f"map(&{key}, {array})", f"reverse({array})", f"reverse({text})", f"max({array})",
            f"min({array})", f"sum({array})", f"avg({array})", f"contains({array}, {self.literal()})", f"contains({text}, {other})", f"join('-', {array})",
            f"starts_with({text}, {other})", f"ends_with({text}, {other})", f"equals_ignore_case({text}, {other})", f"merge({some}, {self.field()})",
            f"merge({some})", f"abs({some})", f"ceil({some})", f"floor({self.literal()})", f"sum(`[1, 2.5, {self.chance.choice(NUMBERS)}]`)"])

    def expression(self, depth):
        if depth <= 0:
            return self.chance.choice([self.field, self.field, self.field, lambda: "@", self.literal])()
        made = self.chance.choice([
            lambda: self.chance.choice(self.top), lambda: self.chance.choice(self.top), self.field, lambda: "@", lambda: "*", lambda: "[*]", lambda: "[]",
            lambda: f"[?{self.condition(depth - 1)}]", lambda: self.call(depth - 1), lambda: f"({self.expression(depth - 1)})",
            lambda: f"[{self.expression(depth - 1)}, {self.expression(depth - 1)}]", lambda: f"{{a: {self.expression(depth - 1)}, \"b\": {self.expression(depth - 1)}}}",
            lambda: self.condition(depth - 1), self.literal])()
        for _ in range(self.chance.choice([0, 1, 1, 2, 3])):
            made += self.step(depth - 1)
        return made


def damaged(chance, query):
    """One character less, more, or another."""
    at = chance.randrange(len(query))
    sign = chance.choice("[]{}()|&!=<>.,:*@'`\"? a0-\\")
    return chance.choice([query[:at] + query[at + 1:], query[:at] + sign + query[at:], query[:at] + sign + query[at + 1:]])


def cases(seed, count):
    chance = random.Random(seed)
    documents = list(jmespath_cases.DOCUMENTS.values())
    made = []
    while len(made) < count:
        document = chance.choice(documents)
        generator = Generator(chance, document)
        query = generator.chance.choice(generator.top) + generator.step(2) + generator.step(1) if chance.random() < 0.4 else generator.expression(3)
        if chance.random() < 0.1:
            query = damaged(chance, query)
        if len(query) <= 2000 and json.dumps(query):
            made.append((query, document))
    return made
