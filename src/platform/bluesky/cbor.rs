//! DAG-CBOR, the form in which repositories keep their records: <https://ipld.io/specs/codecs/dag-cbor/spec/>.

use minicbor::Decoder;
use minicbor::data::Type;
use serde_json::{Map, Value};

/// How deep values may nest. Records of posts have a depth of eight.
const DEPTH: usize = 32;

/// The longest block that is read: no server takes a record of more than a megabyte.
const LONGEST: usize = 2 * 1024 * 1024;

/// The tag of a link: <https://github.com/ipld/cid-cbor/>.
const LINK: u64 = 42;

/// A value. Texts, bytes and links are borrowed from the block.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'a> {
    /// Nothing, or what the data model of the AT Protocol has no place for (a fraction).
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Number(i128),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// The CID of another block.
    Link(&'a [u8]),
    /// A list.
    List(Vec<Item<'a>>),
    /// Members by name.
    Map(Vec<(&'a str, Item<'a>)>),
}

impl<'a> Item<'a> {
    /// Reads a block. `None` if it is none of DAG-CBOR, or nests deeper or is longer than any record.
    pub fn read(block: &'a [u8]) -> Option<Item<'a>> {
        if block.len() > LONGEST { None } else { item(&mut Decoder::new(block), 0) }
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Item<'a>> {
        let Item::Map(members) = self else { return None };
        members.iter().find(|(key, _)| *key == name).map(|(_, item)| item)
    }

    /// The member of that name, if it is a text.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The member of that name, if it is a number.
    pub fn number(&self, name: &str) -> Option<i128> {
        match self.get(name)? {
            Item::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The member of that name, if it is a link.
    pub fn link(&self, name: &str) -> Option<&'a [u8]> {
        match self.get(name)? {
            Item::Link(link) => Some(link),
            _ => None,
        }
    }

    /// The value as the API's JSON shows it. Of links and bytes only the place is kept: they lead to pictures, and no word
    /// of a post stands in them.
    pub fn to_json(&self) -> Value {
        match self {
            Item::Null | Item::Bytes(_) | Item::Link(_) => Value::Null,
            Item::Bool(is) => Value::Bool(*is),
            Item::Number(number) => i64::try_from(*number).map(Value::from).unwrap_or_default(),
            Item::Text(text) => Value::from(*text),
            Item::List(items) => Value::Array(items.iter().map(Item::to_json).collect()),
            Item::Map(members) => Value::Object(
                members.iter().map(|(name, item)| ((*name).to_owned(), item.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }
}

fn item<'a>(decoder: &mut Decoder<'a>, depth: usize) -> Option<Item<'a>> {
    if depth == DEPTH {
        return None;
    }
    Some(match decoder.datatype().ok()? {
        Type::Null => {
            decoder.null().ok()?;
            Item::Null
        }
        Type::Bool => Item::Bool(decoder.bool().ok()?),
        Type::F16 | Type::F32 | Type::F64 => {
            decoder.f64().ok()?;
            Item::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            Item::Number(decoder.int().ok()?.into())
        }
        Type::String => Item::Text(decoder.str().ok()?),
        Type::Bytes => Item::Bytes(decoder.bytes().ok()?),
        Type::Tag => {
            let is_link = decoder.tag().ok()?.as_u64() == LINK;
            // A zero stands before the CID, for historical reasons.
            Item::Link(decoder.bytes().ok()?.strip_prefix(&[0]).filter(|_| is_link)?)
        }
        // What a list or a map says of its length is believed only as far as there are items.
        Type::Array => {
            let length = decoder.array().ok()??;
            let mut items = Vec::new();
            for _ in 0..length {
                items.push(item(decoder, depth + 1)?);
            }
            Item::List(items)
        }
        Type::Map => {
            let length = decoder.map().ok()??;
            let mut members = Vec::new();
            for _ in 0..length {
                members.push((decoder.str().ok()?, item(decoder, depth + 1)?));
            }
            Item::Map(members)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Item;

    #[test]
    fn a_block_is_read_or_refused_whole() {
        let record = b"\xa2\x64text\x62hi\x65count\x38\x63";
        let item = Item::read(record).unwrap();
        assert_eq!((item.text("text"), item.number("count")), (Some("hi"), Some(-100)));
        assert_eq!(item.to_json(), serde_json::json!({"text": "hi", "count": -100}));
        let too_deep = [0x81_u8; 4_000];
        for block in [
            &record[..7],
            b"",
            b"\xff",
            b"\x9f\x01\xff",
            b"\xbf\xff",
            b"\xd8\x2a\x41\x01",
            b"\xd8\x2b\x42\x00\x01",
            b"\xa1\x01\x02",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            &too_deep,
        ] {
            assert_eq!(Item::read(block), None, "{block:02x?}");
        }
    }
}
