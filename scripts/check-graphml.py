#!/usr/bin/env python3
"""Opens a graph with networkx (pip install networkx) and says what is in it.

    tendertrace export CASE --to graphml --out case.graphml
    python3 scripts/check-graphml.py case.graphml

Ends with an error if the file does not open, an edge has no kind, or an amount is no number.
"""
import collections
import sys

import networkx

graph = networkx.read_graphml(sys.argv[1], force_multigraph=True)
faults = [f"{node} has no schema" for node, data in graph.nodes(data=True) if not data.get("schema")]
for source, target, data in graph.edges(data=True):
    if not data.get("kind"):
        faults.append(f"{source} to {target} has no kind")
    if not isinstance(data.get("amount", 0.0), float):
        faults.append(f"{source} to {target}: {data['amount']!r} is no number")
for schema, count in sorted(collections.Counter(data.get("schema") for _, data in graph.nodes(data=True)).items()):
    print(f"{count:7} {schema}")
for kind, count in sorted(collections.Counter(data.get("kind") for _, _, data in graph.edges(data=True)).items()):
    print(f"{count:7} edges: {kind}")
print("\n".join(faults[:20]) or "no faults")
sys.exit(bool(faults))
