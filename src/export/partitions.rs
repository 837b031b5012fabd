//! Posts as a folder of Parquet files, parted by day as Hive does it: `created_day=2021-07-26/part-0.parquet`.
//!
//! Posts come newest first, so that one file is open at a time; rows are gathered by column and written as a group before
//! there are many. A day to which the walk comes back (posts from before 2000 are in order of arrival) gets another part.
//! The day is the name of the folder, and therefore no column of its files; posts without a date stand where Hive puts
//! what is NULL. Types are those of Parquet: instants in microseconds of UTC, lists of strings, JSON for lists of objects.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

use super::csv::without_leap;
use super::{COLUMNS, Cell, Column, ExportError, Shape};

/// The column whose values are the names of folders.
const PARTED_BY: &str = "created_day";

/// The folder of posts without a date.
const UNDATED: &str = "__HIVE_DEFAULT_PARTITION__";

/// A group of rows is written when it has so many, or so many bytes of text.
const ROWS: usize = 50_000;
const BYTES: usize = 16 << 20;

/// A folder that is being filled.
pub struct Partitions {
    folder: PathBuf,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    /// The file that is open, and of which day.
    open: Option<(Option<NaiveDate>, Part)>,
    /// How many parts each day has.
    parts: HashMap<Option<NaiveDate>, u32>,
}

/// A file, and the rows that are not in it yet.
struct Part {
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    gathered: Vec<Gathered>,
    rows: usize,
    bytes: usize,
}

/// The cells of a column that are not written yet: the values that are there, and at which level each cell ends.
struct Gathered {
    required: bool,
    is_list: bool,
    values: Values,
    levels: Vec<i16>,
    /// For lists: 0 where a cell begins.
    repeats: Vec<i16>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i64>),
    Flags(Vec<bool>),
}

impl Partitions {
    /// Begins in an empty folder. `version`: of the program, which the files name.
    ///
    /// # Errors
    /// None that is known: the columns make a schema.
    pub fn new(folder: &Path, version: &str) -> Result<Partitions, ExportError> {
        let schema = parse_message_type(&schema()).map_err(|source| fault(folder, source))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("pullquote version {version}"))
            .build();
        Ok(Partitions {
            folder: folder.to_owned(),
            schema: Arc::new(schema),
            properties: Arc::new(properties),
            open: None,
            parts: HashMap::new(),
        })
    }

    /// Adds a post, as [`super::cells`] gives it.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn add(&mut self, cells: Vec<Cell>) -> Result<(), ExportError> {
        let day = COLUMNS.iter().zip(&cells).find_map(|(column, cell)| match cell {
            Cell::Day(day) if column.name == PARTED_BY => Some(*day),
            _ => None,
        });
        let mut part = match self.open.take() {
            Some((open, part)) if open == day => part,
            other => {
                if let Some((_, part)) = other {
                    part.close()?;
                }
                self.begin(day)?
            }
        };
        part.add(cells)?;
        self.open = Some((day, part));
        Ok(())
    }

    fn begin(&mut self, day: Option<NaiveDate>) -> Result<Part, ExportError> {
        let name = day.map_or_else(|| UNDATED.to_owned(), |day| day.to_string());
        let folder = self.folder.join(format!("{PARTED_BY}={name}"));
        let number = self.parts.entry(day).or_default();
        let path = folder.join(format!("part-{number}.parquet"));
        *number += 1;
        let file = fs::create_dir_all(&folder).and_then(|()| File::create(&path));
        let file = file.map_err(|source| ExportError::File { path: path.clone(), source })?;
        let writer = SerializedFileWriter::new(file, Arc::clone(&self.schema), Arc::clone(&self.properties));
        let writer = writer.map_err(|source| fault(&path, source))?;
        Ok(Part { path, writer, gathered: kept().map(Gathered::of).collect(), rows: 0, bytes: 0 })
    }

    /// Ends the last file; how many there are.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn finish(self) -> Result<u64, ExportError> {
        if let Some((_, part)) = self.open {
            part.close()?;
        }
        Ok(self.parts.values().map(|parts| u64::from(*parts)).sum())
    }
}

impl Part {
    fn add(&mut self, cells: Vec<Cell>) -> Result<(), ExportError> {
        let cells = COLUMNS.iter().zip(cells).filter(|(column, _)| column.name != PARTED_BY);
        for (gathered, (_, cell)) in self.gathered.iter_mut().zip(cells) {
            self.bytes += gathered.add(cell);
        }
        self.rows += 1;
        if self.rows >= ROWS || self.bytes >= BYTES { self.write() } else { Ok(()) }
    }

    /// Writes what is gathered as one group of rows.
    fn write(&mut self) -> Result<(), ExportError> {
        let mut write = || -> Result<(), ParquetError> {
            let mut group = self.writer.next_row_group()?;
            for gathered in &mut self.gathered {
                let Some(column) = group.next_column()? else { break };
                gathered.write(column)?;
            }
            group.close().map(drop)
        };
        write().map_err(|source| fault(&self.path, source))?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }

    fn close(mut self) -> Result<(), ExportError> {
        if self.rows > 0 {
            self.write()?;
        }
        self.writer.close().map_err(|source| fault(&self.path, source))?;
        Ok(())
    }
}

impl Gathered {
    fn of(column: &Column) -> Gathered {
        let values = match column.shape {
            Shape::Time | Shape::Day | Shape::Number => Values::Numbers(Vec::new()),
            Shape::Flag => Values::Flags(Vec::new()),
            Shape::Text | Shape::Texts | Shape::Objects | Shape::Object => Values::Texts(Vec::new()),
        };
        let is_list = column.shape == Shape::Texts;
        Gathered { required: column.required, is_list, values, levels: Vec::new(), repeats: Vec::new() }
    }

    /// Takes a cell; how many bytes of text it has.
    fn add(&mut self, cell: Cell) -> usize {
        match (&mut self.values, cell) {
            (Values::Texts(values), Cell::Text(text)) => return one(values, &mut self.levels, text),
            (Values::Texts(values), Cell::Json(value)) => return one(values, &mut self.levels, value.to_string()),
            (Values::Texts(values), Cell::Texts(texts)) => {
                // A list that is there and empty ends one level below one that has something.
                let levels = if texts.is_empty() { vec![1] } else { vec![2; texts.len()] };
                self.repeats.extend(levels.iter().enumerate().map(|(place, _)| i16::from(place > 0)));
                self.levels.extend(levels);
                let bytes = texts.iter().map(String::len).sum();
                values.extend(texts.into_iter().map(|text| ByteArray::from(text.into_bytes())));
                return bytes;
            }
            (Values::Numbers(values), Cell::Number(number)) => values.push(i64::try_from(number).unwrap_or(i64::MAX)),
            (Values::Numbers(values), Cell::Time(at)) => values.push(micros(at)),
            (Values::Flags(values), Cell::Flag(flag)) => values.push(flag),
            _ => {
                self.levels.push(0);
                self.repeats.extend(self.is_list.then_some(0));
                return 0;
            }
        }
        self.levels.push(1);
        8
    }

    fn write(&mut self, mut column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice()).filter(|_| !self.required);
        let repeats = Some(self.repeats.as_slice()).filter(|_| self.is_list);
        match &mut self.values {
            Values::Texts(values) => {
                column.typed::<ByteArrayType>().write_batch(values, levels, repeats)?;
                values.clear();
            }
            Values::Numbers(values) => {
                column.typed::<Int64Type>().write_batch(values, levels, repeats)?;
                values.clear();
            }
            Values::Flags(values) => {
                column.typed::<BoolType>().write_batch(values, levels, repeats)?;
                values.clear();
            }
        }
        self.levels.clear();
        self.repeats.clear();
        column.close()
    }
}

fn one(values: &mut Vec<ByteArray>, levels: &mut Vec<i16>, text: String) -> usize {
    let bytes = text.len();
    values.push(ByteArray::from(text.into_bytes()));
    levels.push(1);
    bytes
}

fn fault(path: &Path, source: ParquetError) -> ExportError {
    ExportError::File { path: path.to_owned(), source: std::io::Error::other(source) }
}

/// The columns of a file.
fn kept() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| column.name != PARTED_BY)
}

/// The schema in the language of Parquet.
fn schema() -> String {
    let fields = kept().map(|Column { name, shape, required, .. }| {
        let needed = if *required { "required" } else { "optional" };
        match shape {
            Shape::Text => format!("{needed} binary {name} (STRING);"),
            Shape::Time => format!("{needed} int64 {name} (TIMESTAMP(MICROS,true));"),
            // The only one is the name of the folder.
            Shape::Day | Shape::Number => format!("{needed} int64 {name};"),
            Shape::Flag => format!("{needed} boolean {name};"),
            Shape::Texts => {
                format!(
                    "{needed} group {name} (LIST) {{ repeated group list {{ required binary element (STRING); }} }}"
                )
            }
            Shape::Objects | Shape::Object => format!("{needed} binary {name} (JSON);"),
        }
    });
    format!("message post {{ {} }}", fields.collect::<Vec<_>>().join(" "))
}

/// An instant in microseconds.
fn micros(at: DateTime<Utc>) -> i64 {
    without_leap(at).timestamp_micros()
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    /// A post of a day with a text of so many bytes.
    fn post(day: Option<u32>, length: usize) -> Vec<Cell> {
        let cell = |column: &Column| match (column.name, column.shape) {
            (PARTED_BY, _) => {
                day.and_then(|day| NaiveDate::from_ymd_opt(2021, 7, day)).map_or(Cell::Nothing, Cell::Day)
            }
            ("text", _) => Cell::Text("x".repeat(length)),
            _ if !column.required => Cell::Nothing,
            (_, Shape::Text) => Cell::Text("x".to_owned()),
            (_, Shape::Time) => Cell::Time(DateTime::UNIX_EPOCH),
            (_, Shape::Flag) => Cell::Flag(true),
            _ => Cell::Number(1),
        };
        COLUMNS.iter().map(cell).collect()
    }

    #[test]
    fn a_leap_second_is_of_the_day_that_it_ends() {
        for (at, expected) in [
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
            ("2016-12-31T23:59:59.25Z", "2016-12-31T23:59:59.25Z"),
            ("1969-12-31T23:59:58.5Z", "1969-12-31T23:59:58.5Z"),
        ] {
            let (at, expected): (DateTime<Utc>, DateTime<Utc>) = (at.parse().unwrap(), expected.parse().unwrap());
            assert_eq!(DateTime::from_timestamp_micros(micros(at)), Some(expected));
            assert_eq!(expected.date_naive(), at.date_naive());
        }
    }

    /// How many rows each group of a file has.
    fn groups(folder: &Path, name: &str) -> Vec<i64> {
        let reader = SerializedFileReader::new(File::open(folder.join(name)).unwrap()).unwrap();
        reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect()
    }

    #[test]
    fn groups_are_bounded_and_no_part_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut partitions = Partitions::new(folder.path(), "0").unwrap();
        for (day, length) in
            [(Some(26), BYTES - 100), (Some(26), 200), (Some(26), 1), (Some(25), 1), (Some(26), 1), (None, 1)]
        {
            partitions.add(post(day, length)).unwrap();
        }
        for _ in 0..=ROWS {
            partitions.add(post(None, 1)).unwrap();
        }
        assert_eq!(partitions.finish().unwrap(), 4);
        for (name, expected) in [
            ("created_day=2021-07-26/part-0.parquet", &[2, 1][..]),
            ("created_day=2021-07-25/part-0.parquet", &[1]),
            ("created_day=2021-07-26/part-1.parquet", &[1]),
            ("created_day=__HIVE_DEFAULT_PARTITION__/part-0.parquet", &[ROWS as i64, 2]),
        ] {
            assert_eq!(groups(folder.path(), name), expected, "{name}");
        }
    }
}
