#!/usr/bin/env python3
"""Opens a Parquet file with DuckDB, pandas and Polars (pip install duckdb pandas polars pyarrow) and compares them.

    tendertrace export CASE --to csv --rows findings | cargo run -p tendertrace-parquet -- findings.parquet
    python3 scripts/check-parquet.py findings.parquet

Ends with an error if one of them does not open it, or they see different rows, columns or sums.
"""
import sys

import duckdb
import pandas
import polars

path = sys.argv[1]
table = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
frame, lazy = pandas.read_parquet(path), polars.read_parquet(path)
faults = []
if not table.columns == list(frame.columns) == lazy.columns:
    faults.append("different columns")
if not len(table.fetchall()) == len(frame) == len(lazy):
    faults.append("different numbers of rows")
for name, kind in zip(table.columns, table.types):
    print(f"{name:24} {str(kind):16} {lazy[name].dtype}")
    if str(kind).startswith("DECIMAL"):
        sums = [duckdb.sql(f"SELECT sum({name}) FROM read_parquet('{path}')").fetchall()[0][0], frame[name].dropna().sum(), lazy[name].sum()]
        if len({float(one or 0) for one in sums}) > 1:
            faults.append(f"{name}: {sums}")
print(f"{len(frame)} rows", *(faults or ["no faults"]), sep="\n")
sys.exit(bool(faults))
