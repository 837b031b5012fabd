//! What can be said of a quotation, and which of it is a fault.

/// What is to be said of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Every word as it was written.
    Verbatim,
    /// Words are other than the post's; the text says what kind.
    Altered(String),
    /// Words are left out, and an ellipsis says so.
    Shortened,
    /// Words are left out, and nothing says so.
    Cut,
    /// The name is none that the account was ever seen under.
    WrongName(String),
    /// The handle is none that the account was ever seen under.
    WrongHandle(String),
    /// The day is that of the post in no time zone.
    WrongDate(String),
    /// The link leads to another post.
    WrongLink(String),
    /// The day is that of the post, but neither in UTC nor in the zone asked for.
    OtherZone(String),
    /// The name or handle is one that the account had at another time.
    Renamed(String),
    /// The words are those of an older revision.
    Edited(String),
    /// The post was deleted.
    Deleted(String),
    /// No post of the archive has these words.
    NotInArchive,
    /// It cannot be told.
    Doubtful(String),
}

impl Finding {
    /// Its short name: a word of the JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Finding::Verbatim => "verbatim",
            Finding::Altered(_) => "altered",
            Finding::Shortened => "shortened with an ellipsis",
            Finding::Cut => "shortened without an ellipsis",
            Finding::WrongName(_) => "wrong name",
            Finding::WrongHandle(_) => "wrong handle",
            Finding::WrongDate(_) => "wrong date",
            Finding::WrongLink(_) => "wrong link",
            Finding::OtherZone(_) => "date of another zone",
            Finding::Renamed(_) => "renamed",
            Finding::Edited(_) => "edited since",
            Finding::Deleted(_) => "deleted since",
            Finding::NotInArchive => "not in the archive",
            Finding::Doubtful(_) => "doubtful",
        }
    }

    /// What more there is to say.
    pub fn detail(&self) -> &str {
        match self {
            Finding::Verbatim | Finding::Shortened | Finding::Cut | Finding::NotInArchive => "",
            Finding::Altered(detail)
            | Finding::WrongName(detail)
            | Finding::WrongHandle(detail)
            | Finding::WrongDate(detail)
            | Finding::WrongLink(detail)
            | Finding::OtherZone(detail)
            | Finding::Renamed(detail)
            | Finding::Edited(detail)
            | Finding::Deleted(detail)
            | Finding::Doubtful(detail) => detail,
        }
    }

    /// Whether the draft must not be printed so. The others are for an editor to know.
    pub fn is_fault(&self) -> bool {
        match self {
            Finding::Verbatim
            | Finding::Shortened
            | Finding::OtherZone(_)
            | Finding::Renamed(_)
            | Finding::Edited(_)
            | Finding::Deleted(_) => false,
            Finding::Altered(_)
            | Finding::Cut
            | Finding::WrongName(_)
            | Finding::WrongHandle(_)
            | Finding::WrongDate(_)
            | Finding::WrongLink(_)
            | Finding::NotInArchive
            | Finding::Doubtful(_) => true,
        }
    }
}
