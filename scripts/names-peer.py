#!/usr/bin/env python3
"""Scores the matchers of `nomenklatura` (pip install nomenklatura) on a file of name pairs, to stand beside
`cargo test -p tendertrace --test names_truth -- --nocapture` on the same rows.

    python3 scripts/names-peer.py truth/org-names.csv

One file a run: what the matcher saw before changes its scores. Prints F1 at the usual threshold 0.7, the best F1 of any threshold, and pairs per second of processor time.
"""
import csv
import sys
import time

from followthemoney import model
from nomenklatura.matching import get_algorithm

BODIES = ("Company", "Organization", "LegalEntity")


def entity(row, column, number):
    proxy = model.make_entity(row.get("schema") or "Organization")
    proxy.id = f"{column}-{number}"
    proxy.add("name", row[column])
    return proxy


def f1(scores, truth, least):
    claimed = [score >= least for score in scores]
    hits = sum(c and t for c, t in zip(claimed, truth))
    return 2 * hits / max(1, sum(claimed) + sum(truth))


def main(path):
    with open(path, encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row.get("schema", "Company") in BODIES]
    truth = [row.get("is_match", row.get("same")) == "true" for row in rows]
    for name in ("logic-v1", "logic-v2"):
        matcher = get_algorithm(name)
        config = matcher.default_config()
        pairs = [(entity(row, "name1", i), entity(row, "name2", i)) for i, row in enumerate(rows)]
        matcher.compare(*pairs[0], config)
        begun = time.process_time()
        scores = [matcher.compare(a, b, config).score for a, b in pairs]
        rate = len(pairs) / (time.process_time() - begun)
        best, at = max((f1(scores, truth, least), least) for least in set(scores))
        print(f"{path} {name}: {len(rows)} pairs, F1 {f1(scores, truth, 0.7):.3f} at 0.7, best {best:.3f} at {at:.2f}; {rate:.0f} pairs a second")


main(sys.argv[1])
