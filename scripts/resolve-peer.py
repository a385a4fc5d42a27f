#!/usr/bin/env python3
"""Resolves generated organisation mentions with ours and, on a tenth of the organisations, with splink
(pip install splink pandas pyarrow; 5.0, DuckDB backend), in one run:

    cargo build --release -p xtask
    python3 scripts/resolve-peer.py target/release/xtask [COUNT] [SEED]

Prints pairwise precision and recall, time and peak memory of each. Without splink it says so and measures ours alone.
"""
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter


def pairs(counts):
    return sum(n * (n - 1) // 2 for n in counts)


def splink(rows):
    try:
        import pandas
        import splink.comparison_library as cl
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    except ImportError as missing:
        print(f"splink: not measured, {missing}: pip install splink pandas")
        return
    begun = time.time()
    frame = pandas.DataFrame(rows)
    frame["unique_id"] = range(len(frame))
    # What a user of splink would do first: one width, no brackets and spaces.
    frame["name"] = [unicodedata.normalize("NFKC", n).translate({ord(c): None for c in "()【】[] "}) for n in frame["name"]]
    frame["code"] = frame["code"].where(frame["code"] != "", None)
    frame["head"], frame["tail"] = frame["name"].str[:5], frame["name"].str[2:8]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[cl.JaroWinklerAtThresholds("name", [0.97, 0.92, 0.85]), cl.ExactMatch("code")],
        blocking_rules_to_generate_predictions=[block_on("head"), block_on("tail"), block_on("code")],
    )
    linker = Linker(DuckDBAPI().register(frame), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("name")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    # One code: the same organisation, so how its names differ is learnt there; and the other way round.
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("code"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name"))
    predictions = linker.inference.predict(threshold_match_probability=0.01)
    best = None
    for threshold in (0.01, 0.1, 0.3, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold).as_pandas_dataframe()
        both = pairs(Counter(zip(clusters["cluster_id"], clusters["entity"])).values())
        precision = both / max(1, pairs(Counter(clusters["cluster_id"]).values()))
        recall = both / pairs(Counter(clusters["entity"]).values())
        score = 2 * precision * recall / max(1e-9, precision + recall)
        best = max(best or (0,), (score, threshold, precision, recall))
    print(f"splink: {len(rows)} mentions; best F1 at {best[1]}: precision {best[2]:.4f}, recall {best[3]:.4f}; "
          f"{time.time() - begun:.1f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most")


def main(program, count="1000000", seed="1"):
    with tempfile.TemporaryDirectory() as folder:
        whole, tenth = os.path.join(folder, "all.csv"), os.path.join(folder, "tenth.csv")
        with open(whole, "w", encoding="utf-8") as out:
            subprocess.run([program, "mentions", count, seed], stdout=out, check=True)
        subprocess.run([program, "resolve", whole], check=True)
        with open(whole, encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if int(row["entity"]) % 10 == 0]
        with open(tenth, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["name", "code", "entity"])
            writer.writeheader()
            writer.writerows(rows)
        subprocess.run([program, "resolve", tenth], check=True)
        splink(rows)


main(*sys.argv[1:])
