//! What others read: Python's csv, DuckDB, pandas and Spark tell the same posts, to the byte, as the archive does.

use std::fs;

use serde_json::{Value, json};

use super::{desk, out, python};

/// Reads what was exported with every one of them, and prints a JSON object with what each tells.
const SCRIPT: &str = include_str!("readers.py");

#[test]
fn duckdb_pandas_and_spark_read_the_same_posts() {
    let Some(mut python) = python() else { return };
    let desk = desk();
    let (folder, parquet) = out(&desk, "posts");
    let (_, csv) = out(&desk, "posts.csv");
    desk.run(&["export", "--as", "parquet", "--out", &parquet]).ok();
    desk.run(&["export", "--as", "csv", "--out", &csv]).ok();
    let mut expected: Vec<Value> = desk.run(&["export", "--as", "jsonl"]).ok().json().iter().map(essence).collect();
    expected.sort_by_key(|post| post["key"].to_string());
    let days: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(days.contains(&"created_day=__HIVE_DEFAULT_PARTITION__".to_owned()), "{days:?}");
    assert!(days.contains(&"created_day=2021-07-01".to_owned()), "{days:?}");
    let ran = python.args(["-c", SCRIPT, &parquet, &csv]).current_dir(desk.path()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told: Value = serde_json::from_slice(&ran.stdout).unwrap();
    for reader in ["csv", "duckdb", "pandas", "spark"] {
        let found = told[reader].as_array().unwrap_or_else(|| panic!("{reader} tells nothing: {told}"));
        assert_eq!(found.len(), expected.len(), "{reader}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{reader}");
        }
    }
}

/// What the script tells of a post.
fn essence(post: &Value) -> Value {
    let of = |name: &str| post[name].clone();
    json!({
        "key": of("key"), "native_id": of("native_id"), "uri": of("uri"), "text": of("text"), "created": of("created"),
        "created_day": of("created_day"), "hashtags": of("hashtags"), "mentions": of("mentions"), "likes": of("likes"), "nested": of("nested"),
        "jobs": of("jobs"),
    })
}
