//! CAR files of version 1: blocks of data, each under the name (CID) that its own bytes give it.
//! <https://ipld.io/specs/transport/car/carv1/>

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::cbor::Item;

/// What a block is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block<'a> {
    /// It is there, and its bytes give its name.
    Whole(&'a [u8]),
    /// It is there, but its bytes give another name, or one that cannot be made here.
    Other,
    /// The file does not hold it.
    Missing,
}

/// A file.
#[derive(Debug)]
pub struct Car<'a> {
    /// Where to begin.
    pub root: Option<&'a [u8]>,
    /// Its bytes.
    pub length: usize,
    blocks: HashMap<&'a [u8], &'a [u8]>,
    /// Where and why it ends too soon.
    pub fault: Option<(usize, &'static str)>,
}

impl<'a> Car<'a> {
    /// Takes a file apart. `None` if it does not begin as one. Of a file that is cut everything before the cut is there.
    pub fn open(body: &'a [u8]) -> Option<Car<'a>> {
        let (length, rest) = varint(body)?;
        let header = Item::read(rest.get(..length)?)?;
        header.number("version").filter(|version| *version == 1)?;
        let Some(Item::List(roots)) = header.get("roots") else { return None };
        let root = roots.iter().find_map(|root| match root {
            Item::Link(link) => Some(*link),
            _ => None,
        });
        let mut car = Car { root, length: body.len(), blocks: HashMap::new(), fault: None };
        let mut rest = &rest[length..];
        while !rest.is_empty() {
            match section(rest) {
                Ok(section) => {
                    car.blocks.insert(section.name, section.block);
                    rest = section.after;
                }
                Err(why) => {
                    car.fault = Some((body.len() - rest.len(), why));
                    break;
                }
            }
        }
        Some(car)
    }

    /// The block of that name.
    pub fn block(&self, name: &[u8]) -> Block<'a> {
        match self.blocks.get(name) {
            None => Block::Missing,
            Some(block) if sha256(name).is_some_and(|digest| *digest == *Sha256::digest(block)) => Block::Whole(block),
            Some(_) => Block::Other,
        }
    }
}

/// A block with its name, and what stands behind it.
struct Section<'a> {
    name: &'a [u8],
    block: &'a [u8],
    after: &'a [u8],
}

/// The section at the beginning of `bytes`.
fn section(bytes: &[u8]) -> Result<Section<'_>, &'static str> {
    const CUT: &str = "the file ends inside a block";
    let (length, rest) =
        varint(bytes).ok_or(if bytes.len() < 10 { CUT } else { "no length of a block stands here" })?;
    if length > rest.len() {
        return Err(CUT);
    }
    let (section, after) = rest.split_at(length);
    let (name, block) = name(section).ok_or("no name of a block stands here")?;
    Ok(Section { name, block, after })
}

/// A CID at the beginning of `bytes`, and what stands behind it: <https://github.com/multiformats/cid>.
fn name(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    // The names of version 0 are digests alone.
    let digest = if bytes.starts_with(&[0x12, 0x20]) {
        bytes
    } else {
        let (version, rest) = varint(bytes)?;
        let (_codec, rest) = varint(rest).filter(|_| version == 1)?;
        rest
    };
    let (_kind, rest) = varint(digest)?;
    let (length, rest) = varint(rest)?;
    bytes.split_at_checked((bytes.len() - rest.len()).checked_add(length)?)
}

/// The SHA-256 in a CID of version 1, which all names in repositories have.
fn sha256(name: &[u8]) -> Option<&[u8]> {
    let (_version, rest) = varint(name).filter(|(version, _)| *version == 1)?;
    let (_codec, rest) = varint(rest)?;
    rest.strip_prefix(&[0x12, 0x20]).filter(|digest| digest.len() == 32)
}

/// A number of variable length, and what stands behind it: <https://github.com/multiformats/unsigned-varint>. The
/// lengths here have at most nine bytes.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for (i, byte) in bytes.iter().take(9).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, &bytes[i + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::varint;

    #[test]
    fn numbers_have_as_many_bytes_as_they_need() {
        assert_eq!(varint(&[0x3a, 1]), Some((58, &[1][..])));
        assert_eq!(varint(&[0xac, 0x02]), Some((300, &[][..])));
        let longest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        assert_eq!(varint(&longest), Some((usize::try_from(i64::MAX).unwrap(), &[][..])));
        for not in [&[][..], &[0x80], &[0xff; 12]] {
            assert_eq!(varint(not), None);
        }
    }
}
