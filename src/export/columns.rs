//! The columns of every export, and where schema.sql says what they mean.

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// An instant.
    Time,
    /// A calendar day.
    Day,
    /// A count.
    Number,
    /// Yes or no.
    Flag,
    /// A list of texts.
    Texts,
    /// A list of objects, as JSON.
    Objects,
    /// An object, as JSON.
    Object,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name, the same in every form.
    pub name: &'static str,
    /// What its cells hold.
    pub shape: Shape,
    /// Whether every cell holds something.
    pub required: bool,
    /// The column of schema.sql that it shows, `post.uri`, whose comment is its description.
    pub of: &'static str,
    /// Its description, where that comment speaks of more than this column, or of the database.
    pub note: &'static str,
}

const fn column(name: &'static str, shape: Shape, of: &'static str, note: &'static str) -> Column {
    Column { name, shape, required: false, of, note }
}

const fn required(name: &'static str, shape: Shape, of: &'static str, note: &'static str) -> Column {
    Column { name, shape, required: true, of, note }
}

/// The columns of posts, in order.
pub const COLUMNS: &[Column] = &[
    required("key", Shape::Text, "post.key", ""),
    required("platform", Shape::Text, "post.platform", ""),
    column("native_id", Shape::Text, "post.native_id", ""),
    column("uri", Shape::Text, "post.uri", ""),
    column("url", Shape::Text, "post.url", ""),
    column(
        "author_id",
        Shape::Text,
        "post.author_id",
        "Native id of the author's account; on the fediverse each server has its own.",
    ),
    column(
        "author_handle",
        Shape::Text,
        "post.author_handle",
        "Handle of the author without @, as shown with this revision.",
    ),
    column("author_name", Shape::Text, "post.author_name", "Display name of the author, as shown with this revision."),
    column("author_url", Shape::Text, "post.author_url", "Profile page of the author."),
    column(
        "author_flags",
        Shape::Texts,
        "post.author_flags",
        "What the platform marks the account with (`bot`, `verified`, …).",
    ),
    column(
        "created",
        Shape::Time,
        "post.created",
        "When it was written, in UTC. Empty if unknown, and if only the day is known: a day is not midnight.",
    ),
    column(
        "created_day",
        Shape::Day,
        "post.created",
        "The day on which it was written: of `created` in UTC, or as a page printed it. Empty if unknown.",
    ),
    column("created_precision", Shape::Text, "post.created_precision", ""),
    column("created_source", Shape::Text, "post.created_source", ""),
    column("edited_at", Shape::Time, "post.edited_at", ""),
    required("text", Shape::Text, "post.text", ""),
    required("text_state", Shape::Text, "post.text_state", ""),
    column("content_warning", Shape::Text, "post.content_warning", "Content warning of the author, verbatim."),
    column("lang", Shape::Text, "post.lang", ""),
    required("kind", Shape::Text, "post.kind", ""),
    column("reply_to_id", Shape::Text, "post.reply_to", "The post that it answers: native id, as far as given."),
    column("reply_to_uri", Shape::Text, "post.reply_to", "The post that it answers: canonical URI, as far as given."),
    column(
        "reply_to_url",
        Shape::Text,
        "post.reply_to",
        "The post that it answers: address of its page, as far as given.",
    ),
    column("repost_of_id", Shape::Text, "post.repost_of", "The post that it passes on: native id, as far as given."),
    column(
        "repost_of_uri",
        Shape::Text,
        "post.repost_of",
        "The post that it passes on: canonical URI, as far as given.",
    ),
    column(
        "repost_of_url",
        Shape::Text,
        "post.repost_of",
        "The post that it passes on: address of its page, as far as given.",
    ),
    column("quote_of_id", Shape::Text, "post.quote_of", "The post that it quotes: native id, as far as given."),
    column("quote_of_uri", Shape::Text, "post.quote_of", "The post that it quotes: canonical URI, as far as given."),
    column(
        "quote_of_url",
        Shape::Text,
        "post.quote_of",
        "The post that it quotes: address of its page, as far as given.",
    ),
    column("hashtags", Shape::Texts, "post.hashtags", "Hashtags as written, without #."),
    column("mentions", Shape::Objects, "post.mentions", "Accounts that it names: [{\"handle\",\"id\",\"url\"}]."),
    column("links", Shape::Objects, "post.links", "Links in it: [{\"shown\",\"url\"}]."),
    column(
        "media",
        Shape::Objects,
        "post.media",
        "What is attached to it: [{\"url\",\"kind\",\"alt\",\"width\",\"height\"}], sizes in pixels.",
    ),
    column(
        "poll",
        Shape::Object,
        "post.poll",
        "Its poll: {\"options\":[{\"title\",\"votes\"}],\"closes\",\"multiple\"}.",
    ),
    column("likes", Shape::Number, "post.likes", "Likes or favourites that the platform showed when it was last seen."),
    column(
        "reposts",
        Shape::Number,
        "post.reposts",
        "Reposts, boosts, retweets that the platform showed when it was last seen.",
    ),
    column("replies", Shape::Number, "post.replies", "Replies that the platform showed when it was last seen."),
    column("quotes", Shape::Number, "post.quotes", "Quotes that the platform showed when it was last seen."),
    column("views", Shape::Number, "post.views", "Views that the platform showed when it was last seen."),
    column("metrics_seen_at", Shape::Time, "post.metrics_seen_at", "When the platform showed these counts."),
    column("labels", Shape::Texts, "post.labels", "Labels by the platform or the author (`sensitive`, …)."),
    column("doubts", Shape::Texts, "post.doubts", "Sentences about what does not fit."),
    required("revision", Shape::Number, "post.revision", ""),
    required(
        "nested",
        Shape::Flag,
        "post.nested",
        "Whether it was only ever seen inside another post (quoted, reposted).",
    ),
    column(
        "deleted_at",
        Shape::Time,
        "deletion.at",
        "When it was deleted, as the source says; when the capture was had that says so, if it says nothing. The words stay.",
    ),
    column(
        "deleted_server",
        Shape::Text,
        "deletion.server",
        "The server that says so, where it speaks for itself alone: elsewhere the post may be there still.",
    ),
    required(
        "capture_record_id",
        Shape::Text,
        "capture.record_id",
        "The capture that proves the text: WARC-Record-ID of its record, as in captures.csv of a package.",
    ),
    required(
        "capture_digest",
        Shape::Text,
        "capture.digest",
        "SHA-256 of the payload of that capture as kept: `sha256:` and 64 hexadecimal digits.",
    ),
    required(
        "capture_url",
        Shape::Text,
        "capture.url",
        "What was asked when that capture was had; `file:///NAME` for a file.",
    ),
    required(
        "capture_fetched_at",
        Shape::Time,
        "capture.fetched_at",
        "When that answer was complete; for a file, when it was imported.",
    ),
    required(
        "capture_place",
        Shape::Text,
        "post.place",
        "Where in that capture the post stands: a JSON pointer, `line 17`, `blockquote 2`.",
    ),
    column("jobs", Shape::Texts, "post_job.job", "The jobs that saw it; `import` for a file."),
];

/// The columns of the captures that prove posts, in order.
pub const CAPTURE_COLUMNS: &[Column] = &[
    required("record_id", Shape::Text, "capture.record_id", ""),
    required("file", Shape::Text, "capture.file", "WARC file inside captures/ of the archive."),
    required(
        "offset",
        Shape::Number,
        "capture.offset",
        "The byte of that file at which the gzip member of the record begins.",
    ),
    required("digest", Shape::Text, "capture.digest", ""),
    required("url", Shape::Text, "capture.url", ""),
    required("status", Shape::Number, "capture.status", ""),
    column("media_type", Shape::Text, "capture.media_type", ""),
    required("fetched_at", Shape::Time, "capture.fetched_at", ""),
    required("length", Shape::Number, "capture.length", ""),
    required("run", Shape::Text, "capture.run", "The run of `pull` or `import`: its start, and four random letters."),
    required("job", Shape::Text, "capture.job", ""),
    column("source", Shape::Text, "capture.source", ""),
    column("platform", Shape::Text, "capture.platform", ""),
    required("origin", Shape::Text, "capture.origin", ""),
    column(
        "first_line",
        Shape::Number,
        "capture.first_line",
        "For a part of a file of lines: number of its first line in that file, from 1.",
    ),
    required("posts", Shape::Number, "capture.posts", "Posts found in it, nested ones included, exported or not."),
    column("problem", Shape::Text, "capture.problem", ""),
];
