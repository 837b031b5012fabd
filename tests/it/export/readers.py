# Reads an export as other people's programs do. Arguments: the folder of Parquet files, the table. Prints what each tells.
import csv
import json
import os
import sys

folder, table = sys.argv[1:]
COLUMNS = ["key", "native_id", "uri", "text", "created", "created_day", "hashtags", "mentions", "likes", "nested", "jobs"]


def instant(at):
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def tell(rows):
    posts = []
    for row in rows:
        post = dict(row)
        post["mentions"] = json.loads(post["mentions"])
        posts.append(post)
    return sorted(posts, key=lambda post: json.dumps(post["key"]))


def by_csv():
    with open(table, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            # As docs/exporting.md says: one apostrophe away, and what is empty was not said.
            bare = {name: row[name].removeprefix("'") for name in COLUMNS}
            post = {name: value or None for name, value in bare.items()}
            post.update(
                text=bare["text"],
                hashtags=json.loads(bare["hashtags"] or "[]"),
                jobs=json.loads(bare["jobs"] or "[]"),
                mentions=bare["mentions"] or "[]",
                likes=int(bare["likes"]) if bare["likes"] else None,
                nested=bare["nested"] == "true",
            )
            yield post


def by_duckdb():
    import duckdb

    duckdb.sql("SET TimeZone = 'UTC'")
    files = os.path.join(folder, "**", "*.parquet")
    found = duckdb.sql(
        f"SELECT {', '.join(COLUMNS)} FROM read_parquet('{files}', hive_partitioning = true)"
        .replace("created,", "strftime(created, '%Y-%m-%dT%H:%M:%SZ') AS created,")
        .replace("created_day,", "CAST(created_day AS VARCHAR) AS created_day,")
    )
    for row in found.fetchall():
        yield dict(zip(COLUMNS, row))


def by_pandas():
    import pandas
    import pyarrow
    import pyarrow.dataset

    # As docs/exporting.md says: pyarrow must be told what the folders are where some posts have no date.
    days = pyarrow.dataset.partitioning(pyarrow.schema([("created_day", pyarrow.date32())]), flavor="hive")
    frame = pandas.read_parquet(folder, partitioning=days)
    for row in frame[COLUMNS].to_dict("records"):
        said = {name: None if is_missing(value) else value for name, value in row.items()}
        yield dict(
            said,
            created=instant(said["created"]),
            created_day=said["created_day"] and str(said["created_day"]),
            hashtags=list(said["hashtags"]),
            jobs=list(said["jobs"]),
            likes=said["likes"] if said["likes"] is None else int(said["likes"]),
            nested=bool(said["nested"]),
        )


def is_missing(value):
    import pandas

    return not hasattr(value, "__len__") and bool(pandas.isna(value))


def by_spark():
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import col, date_format

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    frame = spark.read.parquet(folder)
    frame = frame.withColumn("created", date_format(col("created"), "yyyy-MM-dd'T'HH:mm:ss'Z'"))
    frame = frame.withColumn("created_day", col("created_day").cast("string"))
    for row in frame.select(*COLUMNS).collect():
        yield row.asDict()
    spark.stop()


told = {"csv": tell(by_csv()), "duckdb": tell(by_duckdb()), "pandas": tell(by_pandas()), "spark": tell(by_spark())}
print(json.dumps(told))
