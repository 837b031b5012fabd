//! Names of accounts and posts under others that only the holder of a key can find out again, and only by trying.
//!
//! A pseudonym is made of what it stands for alone: HMAC-SHA-256 under the key, cut to 80 bits. So the same handle, id or
//! address has the same one in every post, every form and every export with that key, and what belonged together still
//! does. Whatever leads back goes: keys of posts (anybody can compute them from an address), addresses of posts, profiles
//! and media, what was asked and what came. The words stay, so that whoever looks for them finds them: this is no anonymity.

mod address;
mod key;
mod known;
mod words;

use std::borrow::Cow;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use key::{Key, KeyError};
use known::Known;
use words::{Names, Own};

use super::ExportError;
use crate::model::{Handle, Hashtag, PostRef};
use crate::store::{Reader, Whole, WholeCapture};

/// Gives pseudonyms under one key.
pub struct Pseudonymiser {
    mac: Hmac<Sha256>,
}

impl Pseudonymiser {
    /// Takes the key.
    pub fn new(key: &Key) -> Pseudonymiser {
        // A key of any length will do, so nothing is ever refused; a block of 64 bytes is taken as it is.
        let mut block = [0; 64];
        block.iter_mut().zip(key.bytes()).for_each(|(block, byte)| *block = *byte);
        Pseudonymiser { mac: Hmac::new(&block.into()) }
    }

    /// The pseudonym of a thing of a kind; `scope` is the platform where a name means something there only.
    fn token(&self, kind: &str, scope: &str, name: &str) -> String {
        let mut mac = self.mac.clone();
        // With its length before each part no two things have the same bytes.
        for part in [kind, scope, name] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let sum = mac.finalize().into_bytes();
        let bits = sum.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        let symbols = (0..16).rev().map(|place| {
            let symbol = (bits >> (place * 5) & 31) as usize;
            char::from(b"0123456789abcdefghjkmnpqrstvwxyz".get(symbol).copied().unwrap_or_default())
        });
        format!("{kind}-{}", symbols.collect::<String>())
    }

    /// An account's id. A DID is the same everywhere.
    fn account(&self, platform: &str, id: &str) -> String {
        self.token("account", if id.starts_with("did:") { "" } else { platform }, id)
    }

    /// A handle in whichever casing. One that names its server is the same on every platform.
    fn handle(&self, platform: &str, handle: &str) -> String {
        let folded = words::folded(handle);
        self.token("handle", if folded.contains('@') { "" } else { platform }, &folded)
    }

    /// An address, or a URI.
    fn address(&self, address: &str) -> String {
        self.token("address", "", address)
    }

    /// Puts pseudonyms into a post. `reader`: tells which words are handles of accounts of the archive.
    ///
    /// # Errors
    /// A damaged database.
    pub fn hide(&self, whole: &mut Whole, reader: &Reader) -> Result<(), ExportError> {
        let own = Own::of(self, &whole.stored.post);
        let platform = whole.stored.post.platform.clone();
        let bearers = |word: &str| reader.bearers(&platform, word);
        let is_post = |id: &str| reader.is_id(id);
        let names = Names { hidden: self, platform: &platform, own, known: Known::new(&bearers, &is_post) };
        let stored = &mut whole.stored;
        let post = &mut stored.post;
        let hidden = |text: &str| names.hide(text);
        post.text = hidden(&post.text)?;
        for text in [&mut post.content_warning].into_iter().flatten().chain(&mut post.labels) {
            *text = hidden(text)?;
        }
        for link in &mut post.links {
            link.shown = hidden(&link.shown)?;
            if address::leads_to_account(&link.url, &names)? {
                link.url = self.address(&link.url);
            }
        }
        for media in &mut post.media {
            // Files lie in folders of their accounts.
            media.url = media.url.as_deref().map(|url| self.address(url));
            if let Some(alt) = &mut media.alt {
                *alt = hidden(alt)?;
            }
        }
        for option in post.poll.iter_mut().flat_map(|poll| &mut poll.options) {
            option.title = hidden(&option.title)?;
        }
        for tag in &mut post.hashtags {
            if let Some(handle) = names.bare(tag.as_str())? {
                *tag = Hashtag::new(&handle.replace('-', "_")).unwrap_or_else(|| tag.clone());
            }
        }
        // Sentences of the program, with other people's handles in them.
        post.doubts.clear();
        for mention in &mut post.mentions {
            mention.handle =
                mention.handle.as_ref().and_then(|handle| Handle::new(&self.handle(&platform, handle.as_str())));
            mention.id = mention.id.as_deref().map(|id| self.account(&platform, id));
            mention.url = mention.url.as_deref().map(|url| self.address(url));
        }
        let author = &mut post.author;
        author.handle = author.handle.as_ref().and_then(|handle| Handle::new(&self.handle(&platform, handle.as_str())));
        author.id = author.id.as_deref().map(|id| self.account(&platform, id));
        author.name = author.name.as_deref().map(|name| self.name(name).into_owned());
        author.url = author.url.as_deref().map(|url| self.address(url));
        let own = PostRef { id: post.id.take(), uri: post.uri.take(), url: post.url.take() };
        let PostRef { id, uri, url } = self.post(&platform, own);
        (post.id, post.uri, post.url) = (id, uri, url);
        for reference in [&mut post.reply_to, &mut post.repost_of, &mut post.quote_of] {
            *reference = reference.take().map(|reference| self.post(&platform, reference));
        }
        stored.key = self.token("key", "", &stored.key);
        stored.place = self.token("place", &stored.capture.record_id, &stored.place);
        stored.capture.record_id = self.token("capture", "", &stored.capture.record_id);
        stored.capture.digest = self.token("digest", "", &stored.capture.digest);
        if let Some(server) = stored.deleted.as_mut().and_then(|gone| gone.server.as_mut()) {
            *server = self.address(server);
        }
        whole.capture_url = self.address(&whole.capture_url);
        Ok(())
    }

    /// Puts pseudonyms into a capture.
    pub fn hide_capture(&self, capture: &mut WholeCapture) {
        let row = &mut capture.row;
        row.place.record_id = self.token("capture", "", &row.place.record_id);
        row.place.digest = self.token("digest", "", &row.place.digest);
        row.place.file = self.token("file", "", &row.place.file);
        row.url = self.address(&row.url);
        // The name of a file, or of an account that was asked for.
        row.source = self.token("source", "", &row.source);
        capture.problem = capture.problem.take().map(|_| "there was one".to_owned());
    }

    /// The names of a post.
    fn post(&self, platform: &str, names: PostRef) -> PostRef {
        let PostRef { id, uri, url } = names;
        PostRef {
            id: id.map(|id| self.token("post", platform, &id)),
            uri: uri.map(|uri| self.address(&uri)),
            url: url.map(|url| self.address(&url)),
        }
    }

    /// A display name. That there is none stays known.
    fn name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.is_empty() { Cow::Borrowed(name) } else { Cow::Owned(self.token("name", "", name)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_the_hmac_of_what_it_stands_for() {
        let hidden = |key: u8| Pseudonymiser::new(&Key::of([key; 32]));
        let token = hidden(7).handle("x", "Ada_Moss");
        assert_eq!(token, hidden(7).handle("x", "ada_moss"), "casing tells no accounts apart");
        assert_ne!(token, hidden(8).handle("x", "ada_moss"));
        assert_ne!(token, hidden(7).handle("tumblr", "ada_moss"));
        assert_eq!(hidden(7).handle("a", "ada@moss.example"), hidden(7).handle("b", "ada@moss.example"));
        assert_ne!(hidden(7).token("a", "bc", "d"), hidden(7).token("a", "b", "cd"));
        // python3: hmac.new(b"\7" * 32, parts, "sha256"), each part with its length in eight bytes before it.
        assert_eq!(token, "handle-4j8cjhrpvs9h05kg");
    }
}
