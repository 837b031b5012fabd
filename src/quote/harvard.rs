//! Harvard as Cite Them Right has it: `Name [@handle] (2021) [Twitter] 26 July. Available at: URL (Accessed: 23 November 2026).`
//! (bibguru.com/g/harvard-tweet-citation, library-guides.ucl.ac.uk/harvard/twitter; 10th edition. Variants put the text after the
//! year: a house style can.) A date that is not known is `no date`; where no author is known, the first words stand in his place.

use chrono::Datelike;

use super::said::{Said, first_words, one_line, said};
use super::{Quotable, Setting, author, date, link, venue};

/// The entry of the reference list.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let day = date::day(post, setting);
    let year = day.map_or("no date".to_owned(), |day| day.year().to_string());
    let title = || match said(post) {
        Said::Words(words) => format!("‘{}’", one_line(first_words(words, 20))),
        Said::Nothing(instead) => instead,
    };
    let mut entry = format!("{} ({year})", author::credited(post).unwrap_or_else(title));
    if let Some(site) = venue::site(quotable) {
        entry.push_str(&format!(" [{site}]"));
    }
    if let Some(day) = day {
        entry.push_str(&format!(" {}", day.format("%-d %B")));
    }
    entry.push('.');
    if let Some(url) = link(post) {
        let accessed = date::british(date::day_of(setting.accessed, setting));
        entry.push_str(&format!(" Available at: {} (Accessed: {accessed}).", one_line(url)));
    }
    entry
}
