//! Do the tools that people use open the file, and see the same rows, columns and sums? DuckDB, pandas and
//! Polars, by `scripts/check-parquet.py`; skipped, and said so, where Python has them not.

use std::path::Path;
use std::process::Command;

const TABLE: &str = "\u{FEFF}finding,amount,quantity,score,date,counted,copies,buyer\r\n\
    a1,312000.00,60,0.9712345,2021-12-17,true,2,示例市公安局\r\n\
    a2,0.1,,,,,,'=示例\r\n\
    a3,99999999999.9999,1.5,1,1999-02-28,false,0,\"示例, 乙\"\r\n";

#[test]
fn duckdb_pandas_and_polars_agree() {
    let has_readers = Command::new("python3").args(["-c", "import duckdb, pandas, polars, pyarrow"]).output();
    if !has_readers.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: python3 has no duckdb, pandas, polars and pyarrow (pip install them)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("findings.parquet");
    tendertrace_parquet::write(TABLE.as_bytes(), std::fs::File::create(&file).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/check-parquet.py");
    let output = Command::new("python3").arg(script).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for kind in [
        "amount                   DECIMAL(38,4)",
        "score                    DOUBLE",
        "date                     DATE",
        "counted                  BOOLEAN",
        "copies                   BIGINT",
        "buyer                    VARCHAR",
    ] {
        assert!(said.contains(kind), "{kind} in\n{said}");
    }
    assert!(said.contains("3 rows"), "{said}");
}
