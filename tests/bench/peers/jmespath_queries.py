"""Times the queries of one policy by PyPI's jmespath, compiled once, over the same claims; the JSON parsed once for each
evaluation. It makes no rules, no claims and no token: only what the policy's JmesPath calls with a literal query do.

Usage: jmespath_queries.py QUERIES CLAIMS TIMES    prints the CPU nanoseconds of one; 0: its version

QUERIES is a JSON list of queries, each of them run over the JSON text of the claim "events", or, where it names none
of that document's members, over the list of its events.
"""

import json
import sys
import time

import jmespath


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        queries = [jmespath.compile(query) for query in json.load(file)]
    with open(sys.argv[2], encoding="utf-8") as file:
        events = json.load(file)["events"]
    times = int(sys.argv[3])

    def run():
        document = json.loads(events)
        found = [json.dumps(query.search(document if query.expression.startswith("Events") else document["Events"]),
                            separators=(",", ":")) for query in queries]
        if not any(text not in ("null", "[]", "false") for text in found):
            sys.exit("no query found anything")

    if times == 0:
        run()
        print("jmespath", jmespath.__version__)
        return
    for _ in range(1 + times // 10):
        run()
    start = time.process_time_ns()
    for _ in range(times):
        run()
    print(round((time.process_time_ns() - start) / times))


main()
