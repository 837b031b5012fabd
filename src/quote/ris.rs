//! A RIS record of type `ICOMM` (Internet communication), to which Zotero maps forum posts (zotero/translators, RIS.js; the
//! "RIS Format Specifications" of Research Information Systems for tags and lines). One field is one line; a record ends with `ER`. Lines
//! end as lines of this system do: the specification of 1994 has Windows' ends, and every reader takes either.

use super::said::{Said, one_line, said};
use super::{Quotable, Setting, author, date, evidence, link, venue};

/// One record.
pub(super) fn quote(quotable: &Quotable, setting: &Setting) -> String {
    let post = &quotable.post;
    let day = date::day(post, setting);
    let title = match said(post) {
        Said::Words(words) => one_line(words),
        Said::Nothing(instead) => instead,
    };
    let fields = [
        ("TY", Some("ICOMM".to_owned())),
        ("ID", Some(quotable.key.clone())),
        // The specification keeps the asterisk out of names.
        ("AU", author::credited(post).map(|author| author.replace('*', "＊"))),
        ("TI", Some(title)),
        ("PY", day.map(|day| day.format("%Y").to_string())),
        ("DA", day.map(|day| day.format("%Y/%m/%d/").to_string())),
        ("T2", venue::site(quotable)),
        ("M3", Some(venue::word(quotable).to_owned())),
        ("UR", link(post).map(one_line)),
        ("Y2", Some(date::day_of(setting.accessed, setting).format("%Y/%m/%d/").to_string())),
        ("LA", post.lang.clone().filter(|lang| !lang.contains(','))),
        ("N1", setting.evidence.then(|| evidence::of(quotable, setting))),
        ("ER", Some(String::new())),
    ];
    let lines = fields.into_iter().filter_map(|(tag, value)| Some(format!("{tag}  - {}", one_line(&value?))));
    lines.collect::<Vec<_>>().join("\n")
}
