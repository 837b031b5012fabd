//! Repositories: CAR files made here, whole and broken. `BLESS=1` writes those among the fixtures anew.

use minicbor::Encoder;
use minicbor::data::Tag;
use pullquote::model::Kind;
use pullquote::platform::{Page, ParseError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{file, parse};
use crate::program::Desk;
use crate::support::root;

const DID: &str = "did:plc:e4tu47awq6ucasouypx7qggl";
const OTHER: &str = "did:plc:zucwxtwtw6ubcpimlc4vgmac";

type Cid = Vec<u8>;

fn cid(block: &[u8]) -> Cid {
    [&[0x01, 0x71, 0x12, 0x20], Sha256::digest(block).as_slice()].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

fn cbor(write: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Encoder::new(&mut bytes));
    bytes
}

fn put_link(encoder: &mut Encoder<&mut Vec<u8>>, cid: Option<&Cid>) {
    match cid {
        Some(cid) => encoder.tag(Tag::new(42)).unwrap().bytes(&[&[0], cid.as_slice()].concat()).unwrap(),
        None => encoder.null().unwrap(),
    };
}

/// A record as DAG-CBOR. A picture's `$link` is any link.
fn put(encoder: &mut Encoder<&mut Vec<u8>>, value: &Value) {
    match value {
        Value::Null => drop(encoder.null().unwrap()),
        Value::Bool(is) => drop(encoder.bool(*is).unwrap()),
        Value::Number(number) => drop(encoder.i64(number.as_i64().unwrap()).unwrap()),
        Value::String(text) => drop(encoder.str(text).unwrap()),
        Value::Array(items) => {
            encoder.array(items.len() as u64).unwrap();
            items.iter().for_each(|item| put(encoder, item));
        }
        Value::Object(members) if members.contains_key("$link") => put_link(encoder, Some(&cid(b"a picture"))),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| (name.len(), name.as_str()));
            encoder.map(members.len() as u64).unwrap();
            for (name, value) in members {
                encoder.str(name).unwrap();
                put(encoder, value);
            }
        }
    }
}

/// A repository in the making: its blocks in the order in which they were added.
#[derive(Default)]
struct Repository {
    blocks: Vec<(Cid, Vec<u8>)>,
}

impl Repository {
    fn add(&mut self, block: Vec<u8>) -> Cid {
        let cid = cid(&block);
        self.blocks.push((cid.clone(), block));
        cid
    }

    fn record(&mut self, key: &str, record: &Value) -> (String, Cid) {
        let block = cbor(|encoder| put(encoder, record));
        (key.to_owned(), self.add(block))
    }

    fn node(&mut self, left: Option<&Cid>, entries: &[(usize, &str, &Cid, Option<&Cid>)]) -> Cid {
        let block = cbor(|encoder| {
            encoder.map(2).unwrap().str("e").unwrap().array(entries.len() as u64).unwrap();
            for (shared, rest, record, right) in entries {
                encoder.map(4).unwrap().str("k").unwrap().bytes(rest.as_bytes()).unwrap();
                encoder.str("p").unwrap().u64(*shared as u64).unwrap().str("t").unwrap();
                put_link(encoder, *right);
                encoder.str("v").unwrap();
                put_link(encoder, Some(record));
            }
            encoder.str("l").unwrap();
            put_link(encoder, left);
        });
        self.add(block)
    }

    /// The tree as servers make it: a key stands the higher, the more zeros its digest begins with.
    fn tree(&mut self, keys: &[(String, Cid)], layer: u32) -> Option<Cid> {
        if keys.is_empty() {
            return None;
        }
        let own: Vec<usize> = (0..keys.len()).filter(|i| layer_of(&keys[*i].0) == layer).collect();
        let mut ends = own.clone();
        ends.push(keys.len());
        let left = self.tree_below(&keys[..ends[0]], layer);
        let mut entries = Vec::new();
        let mut before = "";
        for (at, end) in own.iter().zip(&ends[1..]) {
            let right = self.tree_below(&keys[at + 1..*end], layer);
            let key = keys[*at].0.as_str();
            let shared = key.bytes().zip(before.bytes()).take_while(|(one, other)| one == other).count();
            entries.push((shared, &key[shared..], &keys[*at].1, right));
            before = key;
        }
        let entries: Vec<_> = entries.iter().map(|(p, k, v, t)| (*p, *k, *v, t.as_ref())).collect();
        Some(self.node(left.as_ref(), &entries))
    }

    fn tree_below(&mut self, keys: &[(String, Cid)], layer: u32) -> Option<Cid> {
        if keys.is_empty() { None } else { self.tree(keys, layer - 1) }
    }

    fn commit(&mut self, tree: &Cid) -> Cid {
        let block = cbor(|encoder| {
            encoder.map(6).unwrap().str("did").unwrap().str(DID).unwrap();
            encoder.str("rev").unwrap().str("3mgtzx5em6gah").unwrap();
            encoder.str("sig").unwrap().bytes(&[7; 64]).unwrap().str("data").unwrap();
            put_link(encoder, Some(tree));
            encoder.str("prev").unwrap().null().unwrap().str("version").unwrap().u8(3).unwrap();
        });
        self.add(block)
    }

    /// The file, the commit first.
    fn car(&self, root: &Cid) -> Vec<u8> {
        let header = cbor(|encoder| {
            encoder.map(2).unwrap().str("roots").unwrap().array(1).unwrap();
            put_link(encoder, Some(root));
            encoder.str("version").unwrap().u8(1).unwrap();
        });
        let mut file = [varint(header.len()), header].concat();
        for (cid, block) in self.blocks.iter().rev() {
            file.extend([varint(cid.len() + block.len()), cid.clone(), block.clone()].concat());
        }
        file
    }
}

fn layer_of(key: &str) -> u32 {
    let digest = Sha256::digest(key);
    u32::from_be_bytes(digest[..4].try_into().unwrap()).leading_zeros() / 2
}

fn records() -> Vec<(&'static str, Value)> {
    let post = |text: &str, created: &str| json!({"$type": "app.bsky.feed.post", "text": text, "createdAt": created, "langs": ["en"]});
    let mut reply = post("Said so at the #Harbour, too 🌊", "2026-03-12T10:00:00.000Z");
    reply["facets"] = json!([{"index": {"byteStart": 15, "byteEnd": 23}, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "Harbour"}]}]);
    let parent = json!({"uri": format!("at://{OTHER}/app.bsky.feed.post/3mgtwlu5dk74k"), "cid": "bafyreiye2rohwo3bmd4earciycrv2iijzxegx7bveiuf7qgxwybvsrcxjj"});
    reply["reply"] = json!({"root": parent, "parent": parent});
    let mut picture = post("The gauge\n\nat noon", "2026-03-12T12:00:00.000Z");
    picture["embed"] = json!({"$type": "app.bsky.embed.images", "images": [{"alt": "Two metres.", "aspectRatio": {"width": 900, "height": 1600},
        "image": {"$type": "blob", "mimeType": "image/jpeg", "size": 412300, "ref": {"$link": ""}}}]});
    let mut quote = post("This.", "2013-03-12T12:00:00.000Z");
    quote["embed"] = json!({"$type": "app.bsky.embed.record", "record": parent});
    vec![
        (
            "app.bsky.actor.profile/self",
            json!({"$type": "app.bsky.actor.profile", "displayName": "Amina Dahl", "description": "Harbour things"}),
        ),
        (
            "app.bsky.feed.like/3mgtzx7boa53y",
            json!({"$type": "app.bsky.feed.like", "subject": parent, "createdAt": "2026-03-12T09:00:02.000Z"}),
        ),
        ("app.bsky.feed.post/3mgtzx5emqe7i", post("Straight from the pier", "2026-03-12T09:00:00.000Z")),
        ("app.bsky.feed.post/3mgu5dgpq2c2a", reply),
        ("app.bsky.feed.post/3mgubnvtq3s2b", picture),
        (
            "app.bsky.feed.post/3mgubnvtq4s2c",
            json!({"$type": "app.bsky.feed.post", "createdAt": "2026-03-12T12:00:00.000Z"}),
        ),
        ("app.bsky.feed.post/3mgubo6b7uc2d", quote),
        (
            "app.bsky.feed.repost/3mgtzx7boa53y",
            json!({"$type": "app.bsky.feed.repost", "subject": parent, "createdAt": "2026-03-12T09:00:02.000Z"}),
        ),
        (
            "app.bsky.graph.follow/3mgtzx7boa53z",
            json!({"$type": "app.bsky.graph.follow", "subject": OTHER, "createdAt": "2026-03-12T09:00:02.000Z"}),
        ),
    ]
}

/// A repository of these records, and the name of its commit.
fn repository(records: &[(&str, Value)]) -> (Repository, Cid) {
    let mut repository = Repository::default();
    let keys: Vec<(String, Cid)> = records.iter().map(|(key, record)| repository.record(key, record)).collect();
    let top = keys.iter().map(|(key, _)| layer_of(key)).max().unwrap_or_default();
    let tree = repository.tree(&keys, top).unwrap();
    let commit = repository.commit(&tree);
    (repository, commit)
}

fn whole() -> Vec<u8> {
    let (repository, commit) = repository(&records());
    repository.car(&commit)
}

/// Two of its posts, another record's bytes changed, and a node of the tree changed.
fn damaged() -> Vec<u8> {
    let (mut repository, commit) = repository(&records());
    let has = |block: &[u8], words: &str| block.windows(words.len()).any(|window| window == words.as_bytes());
    for (_, block) in &mut repository.blocks {
        if has(block, "Straight from the pier") {
            let at = block.windows(4).position(|window| window == b"pier").unwrap();
            block[at..at + 4].copy_from_slice(b"bank");
        }
        if has(block, "displayName") {
            block.truncate(block.len() - 1);
        }
    }
    repository.car(&commit)
}

fn read(body: Vec<u8>) -> Page {
    parse(&file(body)).unwrap()
}

fn reasons(page: &Page) -> Vec<&str> {
    page.skipped.iter().map(|skipped| skipped.reason.as_str()).collect()
}

#[test]
fn the_fixtures_are_what_is_made_here() {
    let cut = whole();
    let cut = &cut[..cut.len() - 500];
    for (case, body) in [("repository", whole()), ("repository-damaged", damaged()), ("repository-cut", cut.to_vec())] {
        let path = root().join("fixtures/bluesky").join(case).join("body.car");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &body).unwrap();
        }
        assert!(std::fs::read(&path).unwrap_or_default() == body, "{case}: BLESS=1 writes it anew");
    }
}

#[test]
fn a_repository_is_told_by_its_content_and_imported() {
    let desk = Desk::shipped();
    let path = desk.file("export.bin", &whole());
    desk.run(&["import", path.to_str().unwrap()]).ok();
    let posts = desk.posts();
    assert_eq!(posts.len(), 5, "{posts:?}");
    for post in &posts {
        let author = &post["author"];
        assert_eq!((&author["id"], &author["name"]), (&DID.into(), &"Amina Dahl".into()), "{post:?}");
        assert!(author.get("handle").is_none_or(Value::is_null), "a repository knows no handle: {post:?}");
    }
    desk.run(&["verify"]).ok();
}

#[test]
fn every_cut_of_a_file_gives_a_part_of_its_posts_or_says_why_not() {
    let whole = whole();
    let all = read(whole.clone()).posts;
    for end in 0..whole.len() {
        match parse(&file(&whole[..end])) {
            Ok(page) => {
                assert!(page.posts.iter().all(|found| all.iter().any(|one| {
                    let named = one.post.author.name.is_some() && found.post.author.name.is_none();
                    let mut one = one.clone();
                    one.post.author.name = one.post.author.name.filter(|_| !named);
                    one == *found
                })));
                assert!(!page.skipped.is_empty(), "cut at {end}, and not said");
            }
            Err(ParseError::NotThisShape { .. } | ParseError::Broken { .. }) => {}
            Err(error) => panic!("cut at {end}: {error}"),
        }
    }
}

#[test]
fn a_part_of_a_repository_says_what_is_missing() {
    let (mut repository, commit) = repository(&records());
    repository.blocks.retain(|(_, block)| !block.windows(4).any(|window| window == b"pier" || window == b"noon"));
    let page = read(repository.car(&commit));
    assert_eq!(page.posts.iter().filter(|found| found.post.kind != Kind::Repost).count(), 2);
    assert!(reasons(&page).iter().any(|reason| reason.contains("2 posts and 0 nodes")), "{:?}", page.skipped);
    // The commit alone.
    repository.blocks.retain(|(name, _)| *name == commit);
    let page = read(repository.car(&commit));
    assert_eq!(
        (page.posts.len(), reasons(&page)),
        (0, vec!["is not all there: 0 posts and 1 nodes that the tree names are not in the file"])
    );
    let none = Repository::default().car(&commit);
    assert!(parse(&file(none)).unwrap_err().to_string().contains("does not hold its root"));
}

#[test]
fn no_tree_is_walked_for_ever() {
    // Every node names the one below it twice: 2^40 ways, were each of them walked.
    let mut repository = Repository::default();
    let (key, record) = repository.record("app.bsky.feed.post/3mgtzx5emqe7i", &records()[2].1);
    let mut below = repository.node(None, &[(0, &key, &record, None)]);
    for _ in 0..40 {
        below = repository.node(Some(&below), &[(0, "app.bsky.feed.post/3mgu", &record, Some(&below))]);
    }
    let commit = repository.commit(&below);
    let page = read(repository.car(&commit));
    assert_eq!(page.posts.len(), 1 + 1, "the second key stands once");
    assert!(reasons(&page).iter().any(|reason| reason.contains("stands in it twice")), "{:?}", page.skipped);
    // A node whose name leads back to itself cannot have the digest that it names.
    let mut circle = Repository::default();
    let own = cid(b"itself");
    circle.node(Some(&own), &[]);
    circle.blocks[0].0.clone_from(&own);
    let commit = circle.commit(&own);
    assert_eq!(
        reasons(&read(circle.car(&commit))),
        ["is followed by a node of the tree that has other bytes than its name stands for"]
    );
}

#[test]
fn one_record_under_many_keys_makes_no_more_of_a_file_than_it_is() {
    let mut repository = Repository::default();
    let long =
        json!({"$type": "app.bsky.feed.post", "text": "x".repeat(100_000), "createdAt": "2026-03-12T09:00:00.000Z"});
    let (_, record) = repository.record("", &long);
    let keys: Vec<(String, Cid)> = (0..1000).map(|i| (format!("app.bsky.feed.post/{i:04}"), record.clone())).collect();
    let tree = repository.tree(&keys, keys.iter().map(|(key, _)| layer_of(key)).max().unwrap()).unwrap();
    let commit = repository.commit(&tree);
    let page = read(repository.car(&commit));
    assert!(page.posts.len() < 6, "{} posts", page.posts.len());
    assert!(reasons(&page).iter().any(|reason| reason.contains("under many keys")));
}

#[test]
fn keys_that_cannot_be_are_named() {
    for (entries, reason) in [
        (vec![(0, "app.bsky.feed.post/b"), (0, "app.bsky.feed.post/a")], "out of order"),
        (vec![(0, "app.bsky.feed.post/a"), (20, "")], "out of order"),
        (vec![(3, "app.bsky.feed.post/a")], "cannot be made out"),
        (vec![(0, "app.bsky.feed.post/a"), (usize::MAX, "b")], "cannot be made out"),
        (vec![(0, "app.bsky.feed.post/a b")], "no usable key"),
    ] {
        let mut repository = Repository::default();
        let (_, record) = repository.record("", &records()[2].1);
        let entries: Vec<_> = entries.iter().map(|(shared, rest)| (*shared, *rest, &record, None)).collect();
        let tree = repository.node(None, &entries);
        let commit = repository.commit(&tree);
        let page = read(repository.car(&commit));
        assert!(reasons(&page).iter().any(|said| said.contains(reason)), "{reason}: {:?}", page.skipped);
    }
}

#[test]
fn lengths_are_believed_only_as_far_as_there_are_bytes() {
    let whole = whole();
    let header = 1 + usize::from(whole[0]);
    for length in [&[0xff; 9][..], &[0xff; 12], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], &[0x80], &[0]]
    {
        // In front of the first block, behind the last, and for the header.
        for at in [header, whole.len(), 0] {
            let mut body = whole.clone();
            body.splice(at..at, length.iter().copied());
            match parse(&file(body)) {
                Ok(page) => assert!(page.skipped.iter().any(|skipped| skipped.at.starts_with("byte ")), "{length:?}"),
                Err(ParseError::NotThisShape { .. } | ParseError::Broken { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    let nothing_of_ours = Repository::default().car(&cid(b""));
    assert!(parse(&file(nothing_of_ours)).is_err());
}
