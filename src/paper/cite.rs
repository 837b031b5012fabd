//! How a data set and the program are cited: as a sentence and for BibTeX.

use chrono::{DateTime, Datelike, Utc};

use super::escape;
use crate::zone::Zone;

/// Where the program lives.
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// What a citation of the posts of a job says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Name of the job.
    pub job: String,
    /// When it was first and last collected.
    pub collected: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Posts.
    pub posts: u64,
    /// The link of the chain at the last capture of the archive: it names every capture before it, byte for byte.
    pub digest: Option<String>,
}

impl Dataset {
    /// Its title.
    fn title(&self) -> String {
        format!("Posts collected by the job “{}”", self.job)
    }

    /// From when to when it was collected, by days.
    fn days(&self, zone: Zone) -> Option<(String, i32)> {
        let (first, last) = self.collected?;
        let day = |at| zone.local(at).format("%Y-%m-%d").to_string();
        let (from, to) = (day(first), day(last));
        Some((if from == to { from } else { format!("{from} to {to}") }, zone.local(last).year()))
    }

    /// The citation as a sentence. Who collected it the archive does not know.
    pub fn plain(&self, zone: Zone) -> String {
        let mut parts = vec![format!("{} [data set]", self.title())];
        parts.extend(self.days(zone).map(|(days, _)| format!("collected {days}")));
        parts.push(format!("{} posts", crate::chart::grouped(self.posts)));
        parts.extend(
            self.digest
                .as_ref()
                .map(|digest| format!("archive of pullquote whose chain of captures ends with {digest}")),
        );
        format!("{}.", parts.join(", "))
    }

    /// The citation for BibTeX, in ASCII.
    pub fn bibtex(&self, zone: Zone) -> Vec<String> {
        let mut lines = vec![format!("@misc{{pullquote-{},", key(&self.job))];
        lines.push(format!("  title = {{{{{}}}}},", ascii(&self.title())));
        if let Some((days, year)) = self.days(zone) {
            lines.push(format!("  year = {{{year}}},"));
            lines.push(format!("  note = {{Data set, collected {}, {} posts}},", ascii(&days), self.posts));
        }
        lines.extend(
            self.digest
                .as_ref()
                .map(|digest| format!("  howpublished = {{Archive of pullquote, chain {}}},", ascii(digest))),
        );
        lines.push("}".to_owned());
        lines
    }
}

/// The program as a sentence.
pub fn program(versions: &[String]) -> String {
    let (word, versions) = named(versions);
    format!("pullquote [computer program], {word} {versions}, {HOME}.")
}

/// The program for BibTeX, in ASCII.
pub fn program_bibtex(versions: &[String]) -> Vec<String> {
    let (word, versions) = named(versions);
    vec![
        "@misc{pullquote,".to_owned(),
        "  title = {{pullquote}},".to_owned(),
        format!("  note = {{Computer program, {word} {}}},", ascii(&versions)),
        format!("  howpublished = {{{}}},", ascii(HOME)),
        "}".to_owned(),
    ]
}

fn named(versions: &[String]) -> (&'static str, String) {
    let versions = if versions.is_empty() { vec![env!("CARGO_PKG_VERSION").to_owned()] } else { versions.to_vec() };
    (if versions.len() == 1 { "version" } else { "versions" }, super::words::listed(&versions))
}

/// A name that BibTeX takes as a key.
fn key(job: &str) -> String {
    let letters = job.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    letters.take(40).collect()
}

/// The text in LaTeX and in ASCII: other letters by their numbers. It has no backquote: three would end a block of code in Markdown.
fn ascii(text: &str) -> String {
    let plain = |c: char| match c {
        '“' | '”' => "\"".to_owned(),
        '`' => "'".to_owned(),
        ' '..='~' => c.to_string(),
        '\n' | '\r' | '\t' => " ".to_owned(),
        c => format!("[U+{:04X}]", u32::from(c)),
    };
    escape::latex(&text.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_is_cited_in_ascii() {
        let at: DateTime<Utc> = "2026-03-01T23:30:00Z".parse().unwrap();
        let data = Dataset {
            job: "x},\n  note={\\input{y}} ```\n東 “z”".to_owned(),
            collected: Some((at, at)),
            posts: 1204,
            digest: Some("sha256:00".to_owned()),
        };
        let lines = data.bibtex("Europe/Berlin".parse().unwrap());
        let all = lines.join("\n");
        assert!(all.is_ascii() && !all.contains("```") && !all.contains("\\input"), "{all}");
        let depth = |text: &str| text.matches('{').count() as i64 - text.matches('}').count() as i64;
        assert_eq!(depth(&all), 0, "{all}");
        assert!(all.contains("collected 2026-03-02, 1204 posts") && all.contains("[U+6771]"), "{all}");
        assert!(data.plain(Zone::UTC).ends_with(
            "collected 2026-03-01, 1,204 posts, archive of pullquote whose chain of captures ends with sha256:00."
        ));
        assert!(program(&["1".to_owned(), "2".to_owned()]).contains("versions 1 and 2"));
    }
}
