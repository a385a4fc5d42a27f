#!/usr/bin/env python3
"""Loads FollowTheMoney entities (pip install followthemoney) from JSON lines, merges those of one id and checks them.

    tendertrace export CASE --to ftm --out entities.ftm.json
    python3 scripts/check-ftm.py entities.ftm.json

Ends with an error if an entity does not load or merge, a value is thrown away by the model's own cleaning, a property
that its schema demands is missing, or an entity is named that is not there or is of a wrong schema.
"""
import collections
import json
import sys

from followthemoney.proxy import EntityProxy


def load(path):
    merged, faults = {}, []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        raw = json.loads(line)
        entity = EntityProxy.from_dict(raw, cleaned=False)
        for name, values in raw["properties"].items():
            kept = entity.get(name)
            if len(kept) != len(values):
                faults.append(f"line {number}: {raw['schema']}.{name} {values} became {kept}")
        known = merged.get(entity.id)
        merged[entity.id] = known.merge(entity) if known else entity
    return merged, faults


def missing(entity):
    return [f"{entity.id}: {entity.schema.name} without {name}" for name in entity.schema.required if not entity.get(name)]


def dangling(entity, merged):
    for prop, value in entity.itervalues():
        if prop.type.name != "entity":
            continue
        named = merged.get(value)
        if named is None or not named.schema.is_a(prop.range):
            yield f"{entity.id}: {entity.schema.name}.{prop.name} names {named and named.schema.name}"


def main():
    merged, faults = load(sys.argv[1])
    for entity in merged.values():
        faults += missing(entity) + list(dangling(entity, merged))
        entity.schema.validate(entity.to_dict())
    for schema, count in sorted(collections.Counter(e.schema.name for e in merged.values()).items()):
        print(f"{count:7} {schema}")
    print("\n".join(faults[:20]) or "no faults")
    sys.exit(bool(faults))


main()
