//! What yt-dlp's fields mean at each site: <https://github.com/yt-dlp/yt-dlp/tree/master/yt_dlp/extractor>.

//!
//! Where a post of one site links to a film of another, yt-dlp may put both into one (`url_transparent`): the film has the id and the
//! key of its own site, and the address and words of the post, as far as that has any.

use serde_json::Value;

use crate::model::Post;
use crate::platform;
use crate::platform::json::id;

/// A site.
pub(super) struct Site {
    /// Its `extractor_key`.
    key: &'static str,
    /// The address of a post there, whatever post that is.
    home: &'static str,
    /// Whether the film may be that of another post than the one that was asked for.
    quotes: bool,
    /// Whether `uploader` was a nickname in files of youtube-dl.
    pub(super) nicknames: bool,
    /// Whether posts that link to films of other sites are read, too: title, author and time are always theirs.
    links: bool,
    /// The address of a film by its own id and that of its author, where the address that was asked may be another post's.
    address: fn(&Value) -> Option<String>,
    /// The address of a comment by the film's id and its own.
    pub(super) comment: fn(&str, &str) -> Option<String>,
    /// Fields that hold the author's handle, name and id.
    pub(super) author: [&'static str; 3],
    /// Fields of which the first that is there is the author's own title.
    pub(super) title: &'static [&'static str],
    /// Whether texts have `&`, `<` and `>` escaped, as the site sends them.
    pub(super) escaped: bool,
    /// Whether the description is all that the author wrote, as written.
    pub(super) whole: bool,
    /// What was done to the text, as a sentence.
    pub(super) changed: Option<&'static str>,
    /// Whether the time is not that of writing, so that the id's is the better one.
    pub(super) indexed: bool,
    /// Whether `tags` are hashtags of the text.
    pub(super) tagged: bool,
    /// How comments name their authors.
    pub(super) commenter: Commenter,
}

/// How a site's comments name their authors.
#[derive(PartialEq)]
pub(super) enum Commenter {
    /// `author` is a handle if it begins with `@` or the address of the profile says so; else a name.
    Either,
    /// `author` is a handle.
    Handle,
    /// `author` is a name.
    Name,
}

/// What most sites have.
const PLAIN: Site = Site {
    key: "",
    home: "",
    quotes: false,
    nicknames: false,
    links: false,
    address: |info| info["webpage_url"].as_str().map(str::to_owned),
    comment: |_, _| None,
    author: ["uploader_id", "uploader", "channel_id"],
    title: &[],
    escaped: false,
    whole: true,
    changed: None,
    indexed: false,
    tagged: false,
    commenter: Commenter::Name,
};

/// The sites that are read.
pub(super) const SITES: [Site; 7] = [
    Site {
        key: "Youtube",
        home: "https://www.youtube.com/watch?v=aaaaaaaaaaa",
        address: |info| Some(format!("https://www.youtube.com/watch?v={}", id(&info["id"])?)),
        comment: |film, comment| Some(format!("https://www.youtube.com/watch?v={film}&lc={comment}")),
        // Behind the title of a film that is live yt-dlp puts what its own clock shows.
        title: &["fulltitle", "title"],
        commenter: Commenter::Either,
        ..PLAIN
    },
    Site {
        key: "Twitter",
        home: "https://x.com/i/status/20",
        escaped: true,
        whole: false,
        changed: Some("yt-dlp gives it with blanks in place of line breaks."),
        tagged: true,
        ..PLAIN
    },
    // TikTok itself sends blanks in place of line breaks there.
    Site {
        key: "TikTok",
        home: "https://www.tiktok.com/@/video/6989215871123456789",
        author: ["uploader", "channel", "uploader_id"],
        nicknames: true,
        whole: false,
        ..PLAIN
    },
    Site {
        key: "Instagram",
        home: "https://www.instagram.com/p/aaaaaaaaaaa/",
        comment: |film, comment| Some(format!("https://www.instagram.com/p/{film}/c/{comment}/")),
        author: ["channel", "uploader", "uploader_id"],
        commenter: Commenter::Handle,
        ..PLAIN
    },
    // A long title is cut in `title`, and whole in `alt_title`.
    Site {
        key: "Reddit",
        home: "https://www.reddit.com/comments/abc123/",
        links: true,
        // The address of a comment gives the submission.
        address: |info| {
            let asked = info["webpage_url"].as_str()?;
            let Some(number) = info["display_id"].as_str() else { return Some(asked.to_owned()) };
            let is_own = platform::post_at(asked)?.id?.ends_with(&format!("3_{number}"));
            Some(if is_own { asked.to_owned() } else { format!("https://www.reddit.com/comments/{number}/") })
        },
        author: ["uploader", "", ""],
        title: &["alt_title", "fulltitle", "title"],
        escaped: true,
        ..PLAIN
    },
    Site {
        key: "Bluesky",
        home: "at://did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/app.bsky.feed.post/3krvabcdefg2a",
        quotes: true,
        // The film may be that of the quoted post.
        address: |info| {
            Some(format!("at://{}/app.bsky.feed.post/{}", info["channel_id"].as_str()?, info["id"].as_str()?))
        },
        indexed: true,
        ..PLAIN
    },
    Site {
        key: "TelegramEmbed",
        home: "https://t.me/channel/1",
        author: ["", "channel", ""],
        whole: false,
        changed: Some(
            "yt-dlp gives it with blanks in place of line breaks, and does not say whether the words are forwarded.",
        ),
        ..PLAIN
    },
];

/// Whose words those of a film are.
pub(super) struct Whose {
    /// The site of whoever wrote them.
    pub(super) site: &'static Site,
    /// The post, by its address.
    pub(super) post: Post,
    /// Whether that links to the film of another site.
    pub(super) is_link: bool,
}

/// Whose words those of a film are, as far as that is sure.
///
/// # Errors
/// Why it is not.
pub(super) fn of(info: &Value) -> Result<Whose, String> {
    let address = info["webpage_url"].as_str().unwrap_or_default();
    let asked = platform::post_at(address);
    let key = info["extractor_key"].as_str().unwrap_or_default();
    let site = SITES.iter().find(|site| site.key == key);
    let linking = SITES.iter().find(|other| other.links && other.key != key && other.has(asked.as_ref()));
    if let Some(linking) = linking {
        let number = info["display_id"].as_str().unwrap_or_default();
        let post = (linking.address)(info).and_then(|own| platform::post_at(&own));
        let is_sure = !number.is_empty() && address.split(['/', '?', '#']).any(|part| part == number);
        return match post.filter(|_| is_sure) {
            Some(post) => Ok(Whose { site: linking, post, is_link: true }),
            None => Err(format!("mixes a film of yt-dlp's {key:?} with a post that links to it, {address:?}")),
        };
    }
    let site = site.ok_or_else(|| format!("is a film of yt-dlp's {key:?}, which nobody reads here"))?;
    let unknown = || format!("no reader knows its address {address:?}");
    let (asked, post) = asked.zip(site.post(info)).ok_or_else(unknown)?;
    if !site.has(Some(&asked)) || (!site.quotes && is_other(&asked, &post) && !site.links) {
        return Err(format!("mixes a film of yt-dlp's {key:?} with a page that shows it, {address:?}"));
    }
    Ok(Whose { site, post, is_link: false })
}

/// The site of a film itself with the film as a post there, whoever links to it; `None` where only its address tells that.
pub(super) fn of_film(info: &Value) -> Option<(&'static Site, Post)> {
    let site = SITES.iter().find(|site| info["extractor_key"] == *site.key)?;
    let post = site.post(info)?;
    site.has(Some(&post)).then_some((site, post))
}

fn is_other(one: &Post, other: &Post) -> bool {
    (&one.id, &one.uri) != (&other.id, &other.uri)
}

impl Site {
    /// The post that a film is, by its address.
    fn post(&self, info: &Value) -> Option<Post> {
        platform::post_at(&(self.address)(info)?)
    }

    /// Whether it is the site of that post.
    fn has(&self, post: Option<&Post>) -> bool {
        post.is_some_and(|post| platform::post_at(self.home).is_some_and(|home| home.platform == post.platform))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_site_has_a_platform() {
        for site in &SITES {
            assert!(platform::post_at(site.home).is_some(), "{}", site.key);
        }
    }
}
