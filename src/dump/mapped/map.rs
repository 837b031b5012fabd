//! A map as the one who imports a file writes it: `text=Body,handle=user.name,platform:x`.

/// What a map may name.
const FIELDS: [&str; 13] = [
    "text", "handle", "author", "url", "id", "date", "platform", "lang", "likes", "reposts", "replies", "views",
    "reply_to",
];

/// What may be the same for all rows.
const CONSTANTS: [&str; 4] = ["handle", "author", "platform", "lang"];

/// A map: what stands where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    field: &'static str,
    /// A column, or what is the same for all rows.
    value: String,
    is_constant: bool,
}

impl Map {
    /// Reads `text=Body,handle=user.name,platform:x`. A comma that is not followed by `name=` or `name:` belongs to the
    /// name of a column.
    ///
    /// # Errors
    /// What is wrong, as a sentence without its end.
    pub fn of(text: &str) -> Result<Map, String> {
        let mut entries: Vec<Entry> = Vec::new();
        for piece in text.split(',') {
            let word = piece.trim_start().split(['=', ':']).next().unwrap_or_default().trim_end();
            let is_entry = piece.contains(['=', ':'])
                && !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if !is_entry {
                match entries.last_mut() {
                    Some(entry) => entry.value += &format!(",{piece}"),
                    None => {
                        return Err(format!("a map begins with a field, as text=COLUMN does, and not with {piece:?}"));
                    }
                }
                continue;
            }
            let (_, value) = piece.split_once(['=', ':']).unwrap_or_default();
            let is_constant = piece.find(':').is_some_and(|colon| piece.find('=').is_none_or(|equals| colon < equals));
            let Some(field) = FIELDS.into_iter().find(|field| *field == word) else {
                return Err(format!("a map knows no field {word:?}; its fields are {}", FIELDS.join(", ")));
            };
            if entries.iter().any(|entry| entry.field == field) {
                return Err(format!("the map names {field} twice"));
            }
            if is_constant && !CONSTANTS.contains(&field) {
                let may = CONSTANTS.join(", ");
                return Err(format!("{field} is not the same in all rows, only {may} may be: write {field}=COLUMN"));
            }
            entries.push(Entry { field, value: value.to_owned(), is_constant });
        }
        if let Some(entry) = entries.iter().find(|entry| entry.value.trim().is_empty()) {
            return Err(format!("the map names no column for {}", entry.field));
        }
        let has = |field: &str| entries.iter().any(|entry| entry.field == field);
        if !has("text") || !["handle", "author", "url"].into_iter().any(has) {
            return Err("a map needs text, and one of handle, author and url".to_owned());
        }
        Ok(Map(entries))
    }

    /// The columns that it names.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|entry| !entry.is_constant).map(|entry| entry.value.trim())
    }

    /// The column that holds a field; `None` if it is the same for all rows.
    pub(super) fn column(&self, field: &str) -> Option<&str> {
        let entry = self.0.iter().find(|entry| entry.field == field && !entry.is_constant)?;
        Some(entry.value.trim())
    }

    /// What stands in a row for a field.
    pub(super) fn get(&self, field: &str, row: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let entry = self.0.iter().find(|entry| entry.field == field)?;
        let value = if entry.is_constant { Some(entry.value.clone()) } else { row(entry.value.trim()) };
        value.filter(|value| !value.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_read_or_told_what_is_wrong() {
        for (map, columns) in [
            ("text=Body,handle=User", vec!["Body", "User"]),
            ("text=Body, in full,url=a=b", vec!["Body, in full", "a=b"]),
            ("handle:ada_moss,platform:x, text = the text", vec!["the text"]),
            ("text=/a/b,author=a.b,lang=x:y", vec!["/a/b", "a.b", "x:y"]),
        ] {
            assert_eq!(Map::of(map).unwrap().columns().collect::<Vec<_>>(), columns, "{map}");
        }
        for (map, what) in [
            ("", "begins with a field"),
            ("Body", "begins with a field"),
            ("text=a,txet=b,url=c", "no field \"txet\""),
            ("text=a,text=b,url=c", "twice"),
            ("text=a", "needs text"),
            ("url=a", "needs text"),
            ("text=a,url=", "no column for url"),
            ("text:a,url=b", "not the same in all rows"),
        ] {
            let error = Map::of(map).unwrap_err();
            assert!(error.contains(what), "{map}: {error}");
        }
    }
}
