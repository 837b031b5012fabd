//! A WARC record as bytes: a version line, named fields, an empty line, a block.

use std::fmt::Write;
use std::io::{self, BufRead, Read};

/// The largest block that is written or read. An import groups lines into far smaller records.
pub const BLOCK_LIMIT: u64 = 256 * 1024 * 1024;

/// The most that the fields of one record may take.
pub const FIELDS_LIMIT: u64 = 1024 * 1024;

/// The end of every record.
pub const END: &[u8] = b"\r\n\r\n";

/// The named fields of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// A record whose block has been read.
#[derive(Debug)]
pub struct Record {
    /// Its named fields.
    pub fields: Fields,
    /// Its content.
    pub block: Vec<u8>,
}

impl Fields {
    /// The value of a field, compared without case; the first if it stands there twice.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The record's type, empty if it has none.
    pub fn kind(&self) -> &str {
        self.get("WARC-Type").unwrap_or_default()
    }

    /// The record's id without angle brackets. It is shown to people: one that is no plain word is none.
    pub fn id(&self) -> Option<&str> {
        let id = self.get("WARC-Record-ID").map(unbracketed)?;
        id.bytes().all(|byte| byte.is_ascii_graphic()).then_some(id)
    }

    /// The record that this one belongs to, without angle brackets.
    pub fn concurrent_to(&self) -> Option<&str> {
        self.get("WARC-Concurrent-To").map(unbracketed)
    }

    /// The size of the block, if the record states one that is a number.
    pub fn length(&self) -> Option<u64> {
        let text = self.get("Content-Length")?;
        if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
    }
}

/// Takes `<…>` off: ids have it by the standard, addresses by a mistake of old Wgets.
pub fn unbracketed(text: &str) -> &str {
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

/// The version line and fields of a record of ours. No value can break out of its line.
pub fn head(kind: &str, id: &str, fields: &[(&str, String)], length: u64) -> Vec<u8> {
    let mut head = format!("WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <{id}>\r\n");
    for (name, value) in fields {
        head.push_str(name);
        head.push_str(": ");
        head.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
        head.push_str("\r\n");
    }
    // Writing to a String cannot fail.
    let _ = write!(head, "Content-Length: {length}\r\n\r\n");
    head.into_bytes()
}

/// Reads version line and fields, up to and with the empty line. `None` where nothing follows but empty lines.
///
/// # Errors
/// `InvalidData` for what is no WARC record, `UnexpectedEof` where it is cut.
pub fn read_head(input: &mut impl BufRead) -> io::Result<Option<Fields>> {
    let mut input = input.take(FIELDS_LIMIT);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return if input.limit() == 0 { Err(invalid("its fields have no end")) } else { Ok(None) };
        }
        if !line.trim_ascii().is_empty() {
            break;
        }
    }
    if !line.starts_with(b"WARC/") {
        return Err(invalid("is no WARC record"));
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 || !line.ends_with(b"\n") {
            return Err(match input.limit() {
                0 => invalid("its fields have no end"),
                _ => io::Error::new(io::ErrorKind::UnexpectedEof, "its fields are cut"),
            });
        }
        let text = super::message::decoded(line.trim_ascii_end());
        if text.is_empty() {
            return Ok(Some(Fields(fields)));
        }
        if text.starts_with([' ', '\t']) {
            // WARC 1.0 let a value go on in the next line.
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(text.trim());
            }
        } else if let Some((name, value)) = text.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
}

/// Reads a block of the stated size. What a record states costs no memory before the bytes are there.
///
/// # Errors
/// `UnexpectedEof` where it is cut.
pub fn read_block(input: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut block = Vec::with_capacity(length.min(1024 * 1024) as usize);
    input.take(length).read_to_end(&mut block)?;
    if (block.len() as u64) < length {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "its block is cut"));
    }
    Ok(block)
}

/// A record that is not what it must be.
pub fn invalid(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}
