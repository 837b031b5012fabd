//! What yt-dlp's fields mean at each site: <https://github.com/yt-dlp/yt-dlp/tree/master/yt_dlp/extractor>.

use serde_json::Value;

use crate::model::Post;
use crate::platform;
use crate::platform::json::id;

/// A site.
pub(super) struct Site {
    /// Its `extractor_key`.
    key: &'static str,
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
        address: |info| Some(format!("https://www.youtube.com/watch?v={}", id(&info["id"])?)),
        comment: |film, comment| Some(format!("https://www.youtube.com/watch?v={film}&lc={comment}")),
        title: &["title"],
        commenter: Commenter::Either,
        ..PLAIN
    },
    Site {
        key: "Twitter",
        escaped: true,
        whole: false,
        changed: Some("yt-dlp gives it with blanks in place of line breaks."),
        tagged: true,
        ..PLAIN
    },
    // TikTok itself sends blanks in place of line breaks there.
    Site { key: "TikTok", author: ["uploader", "channel", "uploader_id"], whole: false, ..PLAIN },
    Site {
        key: "Instagram",
        comment: |film, comment| Some(format!("https://www.instagram.com/p/{film}/c/{comment}/")),
        author: ["channel", "uploader", "uploader_id"],
        commenter: Commenter::Handle,
        ..PLAIN
    },
    // A long title is cut in `title`, and whole in `alt_title`.
    Site { key: "Reddit", author: ["uploader", "", ""], title: &["alt_title", "title"], escaped: true, ..PLAIN },
    Site {
        key: "Bluesky",
        // The film may be that of the quoted post.
        address: |info| {
            Some(format!("at://{}/app.bsky.feed.post/{}", info["channel_id"].as_str()?, info["id"].as_str()?))
        },
        indexed: true,
        ..PLAIN
    },
    Site {
        key: "TelegramEmbed",
        author: ["", "channel", ""],
        whole: false,
        changed: Some(
            "yt-dlp gives it with blanks in place of line breaks, and does not say whether the words are forwarded.",
        ),
        ..PLAIN
    },
];

/// The site of a film.
pub(super) fn of(info: &Value) -> Option<&'static Site> {
    SITES.iter().find(|site| info["extractor_key"] == *site.key)
}

impl Site {
    /// The post that a film is, by its address.
    pub(super) fn post(&self, info: &Value) -> Option<Post> {
        platform::post_at(&(self.address)(info)?)
    }
}
