//! A data package: the tables with all that a stranger needs to use and to cite them (Data Package 2,
//! <https://datapackage.org/standard/data-package/>).

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::codebook::{codebook, descriptions, kind};
use super::pseudonym::Pseudonymiser;
use super::{CAPTURE_COLUMNS, COLUMNS, Column, ExportError, Fresh, Sum, capture_cells, cells, csv, walk};
use crate::query::Expr;
use crate::store::{Reader, Whole};

/// The file of checksums, as `sha256sum -c` reads it.
pub const SUMS: &str = "SHA256SUMS";

/// What a package says about itself.
pub struct Package<'a> {
    /// Its title.
    pub title: &'a str,
    /// Who made it.
    pub authors: &'a [String],
    /// Which posts were asked for, as typed; nothing for all.
    pub query: &'a str,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// The version of the program.
    pub version: &'a str,
    /// Whether texts have no apostrophe before them that keeps spreadsheets from running them.
    pub verbatim: bool,
    /// Pseudonyms instead of names.
    pub hidden: Option<&'a Pseudonymiser>,
    /// Further files, each with its name and its bytes.
    pub extras: Vec<(String, Vec<u8>)>,
}

impl Package<'_> {
    /// Fills an empty folder with the posts that match; how many there were. `on_post` is told of each
    /// as it is in the archive.
    ///
    /// # Errors
    /// A damaged database; a folder that cannot be written.
    pub fn write(
        self,
        folder: &Path,
        reader: &Reader,
        expr: &Expr,
        mut on_post: impl FnMut(&Whole),
    ) -> Result<u64, ExportError> {
        let data = folder.join("data");
        fs::create_dir(&data).map_err(|source| ExportError::File { path: data.clone(), source })?;
        // Both tables tell of one moment.
        reader.hold()?;
        let mut proofs = Numbers::default();
        let mut table = Table::create(&data.join("posts.csv"), COLUMNS, self.verbatim)?;
        let posts = walk(reader, expr, |mut whole| {
            proofs.insert(whole.capture_number);
            on_post(&whole);
            if let Some(hidden) = self.hidden {
                hidden.hide(&mut whole, reader)?;
            }
            table.add(&cells(whole))
        })?;
        let mut sums = vec![("data/posts.csv".to_owned(), table.finish()?)];
        let mut table = Table::create(&data.join("captures.csv"), CAPTURE_COLUMNS, self.verbatim)?;
        let mut fault = None;
        reader.each_capture(0, |mut capture| {
            if !proofs.contains(capture.row.number) {
                return ControlFlow::Continue(());
            }
            if let Some(hidden) = self.hidden {
                hidden.hide_capture(&mut capture);
            }
            match table.add(&capture_cells(capture)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    fault = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        if let Some(error) = fault {
            return Err(error);
        }
        sums.push(("data/captures.csv".to_owned(), table.finish()?));
        let texts = [
            ("codebook.md".to_owned(), codebook(self.title, &self.remarks()).into_bytes()),
            ("CITATION.cff".to_owned(), self.citation().into_bytes()),
        ];
        for (name, bytes) in texts.iter().chain(&self.extras) {
            sums.push((name.clone(), file(folder, name, bytes)?));
        }
        let descriptor = format!("{:#}\n", self.descriptor(&sums));
        sums.push(("datapackage.json".to_owned(), file(folder, "datapackage.json", descriptor.as_bytes())?));
        let lines: String = sums.iter().map(|(name, sum)| format!("{}  {name}\n", sum.digest)).collect();
        file(folder, SUMS, lines.as_bytes())?;
        Ok(posts)
    }

    /// What is to be known before any column.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = vec![
            format!("Made by pullquote {} at {}.", self.version, stamp(self.made)),
            "UTF-8, comma-separated, records end in CR LF (RFC 4180); line breaks inside quotation marks are the author's.".to_owned(),
            "An empty field: the source does not say. `\"\"`: it says that there is nothing. Times are UTC; a leap second is the last microsecond of its day. Ids are texts, never numbers.".to_owned(),
        ];
        remarks.push(if self.verbatim {
            "Texts are verbatim. Do not open the tables in a spreadsheet: it may run a text that begins with = as a formula, and rounds ids.".to_owned()
        } else {
            "A text that a spreadsheet would run as a formula or round as a number has an apostrophe before it, and so has one that begins with an \
             apostrophe. Take one apostrophe away from the beginning of a field to have the very text."
                .to_owned()
        });
        match (self.hidden, self.query) {
            // It may name an account.
            (Some(_), _) => remarks.push(
                "Names, handles, ids and addresses of accounts and posts are pseudonyms (HMAC-SHA-256 under a key that is not in this package). \
                 The words are the authors' own: whoever looks for them may find who wrote them. Doubts are left out, for they name accounts."
                    .to_owned(),
            ),
            (None, "") => remarks.push("All posts of the archive.".to_owned()),
            (None, query) => remarks.push(format!("The posts that match the search {query:?}.")),
        }
        remarks
    }

    /// datapackage.json.
    fn descriptor(&self, sums: &[(String, Sum)]) -> Value {
        let resource = |(path, sum): &(String, Sum)| {
            let name: String =
                path.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let mut resource = json!({
                "name": name, "path": path, "bytes": sum.length, "hash": format!("sha256:{}", sum.digest),
            });
            let columns = match path.as_str() {
                "data/posts.csv" => COLUMNS,
                "data/captures.csv" => CAPTURE_COLUMNS,
                _ => return resource,
            };
            if let Some(resource) = resource.as_object_mut() {
                let short = path.trim_start_matches("data/").trim_end_matches(".csv");
                resource.insert("name".to_owned(), short.into());
                resource.insert("$schema".to_owned(), "https://datapackage.org/profiles/2.0/dataresource.json".into());
                resource.insert("type".to_owned(), "table".into());
                resource.insert("format".to_owned(), "csv".into());
                resource.insert("mediatype".to_owned(), "text/csv".into());
                resource.insert("encoding".to_owned(), "utf-8".into());
                resource.insert(
                    "dialect".to_owned(),
                    json!({ "delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": true }),
                );
                resource.insert("schema".to_owned(), schema(columns));
            }
            resource
        };
        let mut package = json!({
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": "pullquote-export",
            "title": self.title,
            "description": self.remarks().join(" "),
            "created": stamp(self.made),
            "sources": [{ "title": format!("An archive of pullquote {}", self.version) }],
            "resources": sums.iter().map(resource).collect::<Vec<_>>(),
        });
        // A list of nobody is none.
        if !self.authors.is_empty() {
            let creators = self.authors.iter().map(|author| json!({ "title": author, "roles": ["creator"] }));
            package["contributors"] = creators.collect();
        }
        package
    }

    /// CITATION.cff.
    fn citation(&self) -> String {
        let authors: String = match self.authors {
            [] => "  - name: \"(fill in who collected these posts)\"\n".to_owned(),
            authors => authors.iter().map(|author| format!("  - name: {}\n", quoted(author))).collect(),
        };
        format!(
            "cff-version: 1.2.0\nmessage: \"If you use this dataset, please cite it and the program that collected it.\"\ntype: dataset\n\
             title: {}\nauthors:\n{authors}date-released: \"{}\"\nreferences:\n  - type: software\n    title: \"pullquote\"\n    version: {}\n    \
             authors:\n      - name: \"The pullquote authors\"\n",
            quoted(self.title),
            self.made.format("%Y-%m-%d"),
            quoted(self.version),
        )
    }
}

/// The Table Schema of a table.
fn schema(columns: &[Column]) -> Value {
    let fields = columns.iter().zip(descriptions(columns)).enumerate().map(|(place, (column, said))| {
        let mut field = json!({ "name": column.name, "type": kind(column.shape), "description": said });
        // The first column is what tells records apart. An empty text is no text to those who read CSV.
        if place == 0 {
            field["constraints"] = json!({ "required": true, "unique": true });
        }
        field
    });
    let mut schema = json!({
        "fields": fields.collect::<Vec<_>>(),
        "missingValues": [""],
        "primaryKey": columns.first().map(|column| vec![column.name]),
    });
    if columns.iter().any(|column| column.name == "capture_record_id") {
        schema["foreignKeys"] = json!([
            { "fields": ["capture_record_id"], "reference": { "resource": "captures", "fields": ["record_id"] } }
        ]);
    }
    schema
}

/// A string of YAML: one of JSON, in which also that is escaped which YAML does not take for text, or takes for the end of a line.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    json.chars().fold(String::new(), |mut yaml, c| {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                yaml.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => yaml.push(c),
        }
        yaml
    })
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A file of the package.
fn file(folder: &Path, name: &str, bytes: &[u8]) -> Result<Sum, ExportError> {
    let mut file = Fresh::create(&folder.join(name))?;
    file.write_all(bytes).map_err(|source| file.fault(source))?;
    file.finish()
}

/// A table that is being written.
struct Table {
    file: Fresh,
    verbatim: bool,
}

impl Table {
    fn create(path: &Path, columns: &[Column], verbatim: bool) -> Result<Table, ExportError> {
        let mut table = Table { file: Fresh::create(path)?, verbatim };
        table.line(&csv::head(columns))?;
        Ok(table)
    }

    fn add(&mut self, cells: &[super::Cell]) -> Result<(), ExportError> {
        self.line(&csv::record(cells, self.verbatim))
    }

    fn line(&mut self, line: &str) -> Result<(), ExportError> {
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.write_all(csv::END.as_bytes()));
        written.map_err(|source| self.file.fault(source))
    }

    fn finish(self) -> Result<Sum, ExportError> {
        self.file.finish()
    }
}

/// A set of numbers, one bit each where they lie close together: a million captures take less than a megabyte.
#[derive(Default)]
struct Numbers(HashMap<i64, u64>);

impl Numbers {
    fn insert(&mut self, number: i64) {
        *self.0.entry(number >> 6).or_default() |= 1 << (number & 63);
    }

    fn contains(&self, number: i64) -> bool {
        self.0.get(&(number >> 6)).is_some_and(|bits| bits >> (number & 63) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_numbers_holds_what_was_put_in() {
        let mut numbers = Numbers::default();
        for number in [1, 63, 64, 1_000_000] {
            numbers.insert(number);
        }
        let held: Vec<i64> =
            [0, 1, 2, 62, 63, 64, 65, 999_999, 1_000_000].into_iter().filter(|n| numbers.contains(*n)).collect();
        assert_eq!(held, [1, 63, 64, 1_000_000]);
    }
}
