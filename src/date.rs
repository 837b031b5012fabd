//! Lenient timestamps as a list of strategies.
//!
//! [`timestamp`] reads what programs write, [`printed`] what pages print for people. Neither looks at a clock, and
//! neither guesses: `3/4/2021` is no date, and a printed time without a zone leaves the day only.

mod months;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use unicode_normalization::UnicodeNormalization;

use crate::model::{Precision, When, WhenSource};

/// A way to read a timestamp.
type Strategy = fn(&str) -> Option<DateTime<Utc>>;

/// Tried in order: the most usual first; no two of them read the same text differently.
const STRATEGIES: &[Strategy] = &[
    // Mastodon, Bluesky, X API v2: `2021-07-26T18:03:11.000Z`, `2021-07-26T20:03:11+02:00`.
    |text| DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
    // X API v1 and the X archive: `Mon Jul 26 18:03:11 +0000 2021`.
    |text| DateTime::parse_from_str(text, "%a %b %d %H:%M:%S %z %Y").ok().map(|at| at.to_utc()),
    // RSS: `Mon, 26 Jul 2021 18:03:11 +0000`. The weekday says nothing new, and some feeds have it wrong.
    |text| {
        let bare = text.split_once(',').map_or(text, |(_, rest)| rest).trim();
        DateTime::parse_from_rfc2822(bare).ok().map(|at| at.to_utc())
    },
    // Misskey and older Pleroma write the offset without a colon, databases with a blank before the time (`+00`).
    // Mastodon-API servers in Python, and CSV files of 4CAT and Zeeschuimer, leave the zone out and mean UTC.
    |text| match iso(text)? {
        Iso { local, precision: Precision::Second, zone: Zone::None } => Some(local.and_utc()),
        Iso { local, precision: Precision::Second, zone: Zone::Of(zone) } => at(local, zone),
        _ => None,
    },
];

/// Reads a timestamp that a program wrote, white space around it allowed. One that names no zone is UTC. `None` also
/// for one outside the years 1 to 9999, which no [`When`] holds.
pub fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    STRATEGIES.iter().find_map(|strategy| strategy(text)).filter(|at| When::fits(*at))
}

/// Reads a date that a page prints for people, the whole text being the date: `July 26, 2021`, `1er août 2021`,
/// `26. července 2021`, `2021年7月26日`, `2021-07-26`, with or without a weekday and a time.
///
/// The result has the precision that the text has: the day; the minute where a time stands with `UTC` (Nitter) or as ISO
/// 8601 with its zone and without seconds; the second for an ISO timestamp with its zone (Bluesky's embeds). `None` when
/// day and month could be taken for each other (`3/4/2021`), or when anything else stands in the text.
pub fn printed(text: &str) -> Option<When> {
    // What is longer is no date, whatever its beginning.
    const LONGEST: usize = 80;
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    // Every timestamp has a colon; most printed dates have none, and need not be tried in nine formats.
    if text.contains(':') {
        if let Some(at) = STRATEGIES[..3].iter().find_map(|strategy| strategy(text)) {
            return When::new(at, Precision::Second, WhenSource::Page);
        }
        if let Some(Iso { local, precision, zone }) = iso(text) {
            return match zone {
                Zone::Of(zone) => When::new(at(local, zone)?, precision, WhenSource::Page),
                Zone::None | Zone::Name => When::day(local.date(), WhenSource::Page),
            };
        }
    }
    let lower = lower(text);
    let mut pieces = pieces(&lower)?;
    let time = take_time(&mut pieces)?;
    let day = numeric(&pieces).or_else(|| east_asian(&pieces)).or_else(|| vietnamese(&pieces));
    let day = day.or_else(|| with_month_name(&pieces))?;
    match time {
        Some(Clock { time, utc: true }) => When::new(day.and_time(time).and_utc(), Precision::Minute, WhenSource::Page),
        _ => When::day(day, WhenSource::Page),
    }
}

/// A day and a time of day as ISO 8601 and its kin write them.
struct Iso {
    local: NaiveDateTime,
    /// Whether it has seconds.
    precision: Precision,
    zone: Zone,
}

/// What stands behind such a time.
enum Zone {
    None,
    /// `Z`, `UTC`, `+02:00`, `-0500`, `+00`.
    Of(FixedOffset),
    /// `CET`: letters, which several zones may have for a name.
    Name,
}

/// Reads `2021-07-26T18:03:11.5Z`, `2021-07-26 18:03:11-0500`, `2021-07-26 18:03 UTC`: the year has four digits, or it
/// could be a day.
fn iso(text: &str) -> Option<Iso> {
    let has_year =
        text.bytes().take(4).filter(u8::is_ascii_digit).count() == 4 && text.as_bytes().get(4) == Some(&b'-');
    let (day, rest) = text.split_once(['T', 't', ' ']).filter(|_| has_year)?;
    let rest = rest.trim_ascii_start();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    let time = match time.split_once(['.', ',']) {
        Some((time, parts)) if !parts.is_empty() && parts.bytes().all(|byte| byte.is_ascii_digit()) => time,
        Some(_) => return None,
        None => time,
    };
    let to_second = NaiveTime::parse_from_str(time, "%H:%M:%S").map(|time| (time, Precision::Second));
    let read = to_second.or_else(|_| NaiveTime::parse_from_str(time, "%H:%M").map(|time| (time, Precision::Minute)));
    let (time, precision) = read.ok()?;
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    Some(Iso { local: day.and_time(time), precision, zone: zone_of(zone.trim_ascii_start())? })
}

/// The zone that stands behind a time; `None` for what is none.
fn zone_of(text: &str) -> Option<Zone> {
    if let "Z" | "z" | "UTC" | "GMT" = text {
        return Some(Zone::Of(FixedOffset::east_opt(0)?));
    }
    if (2..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        // Halves of the day stand before a zone, and tell another time.
        return (!matches!(text, "AM" | "PM")).then_some(Zone::Name);
    }
    let Some(sign) = text.chars().next() else { return Some(Zone::None) };
    let digits = text.get(1..)?;
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some(split), 5) => split,
        (None, 4) => digits.split_at_checked(2)?,
        (None, 2) => (digits, "00"),
        _ => return None,
    };
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i32>().ok())?;
    let seconds = number(hours)? * 3600 + number(minutes).filter(|minutes| *minutes < 60)? * 60;
    match sign {
        '+' => FixedOffset::east_opt(seconds).map(Zone::Of),
        '-' => FixedOffset::west_opt(seconds).map(Zone::Of),
        _ => None,
    }
}

/// The instant of a time in its zone. Near the ends of what chrono can count there may be none.
fn at(local: NaiveDateTime, zone: FixedOffset) -> Option<DateTime<Utc>> {
    local.and_local_timezone(zone).single().map(|at| at.to_utc())
}

/// A piece of a printed date.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece<'a> {
    /// A number and how many digits it has.
    Number(u32, usize),
    /// Letters, in lower case.
    Word(&'a str),
    /// A mark between them; white space is none.
    Mark(char),
}

/// The text as names of months are compared.
fn lower(text: &str) -> String {
    // `İ` becomes an i with a dot above it, which the tables do without.
    let lower: String = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfkc().flat_map(char::to_lowercase).filter(|c| *c != '\u{307}').collect()
    };
    if lower.contains(".m.") {
        return lower.replace("a.m.", "am").replace("p.m.", "pm");
    }
    if lower.is_ascii() {
        return lower;
    }
    let plain = lower.chars().filter(|c| !is_invisible(*c)).map(digit).collect::<String>();
    TWO_WORDS
        .iter()
        .fold(plain, |text, (words, word)| if text.contains(words) { text.replace(words, word) } else { text })
}

/// Names that are two words or hold dots, and what is compared in their place: months of the Levant, the names of the two
/// ways to count years in Thai.
const TWO_WORDS: [(&str, &str); 6] = [
    ("كانون الثاني", "يناير"),
    ("تشرين الأول", "أكتوبر"),
    ("تشرين الثاني", "نوفمبر"),
    ("كانون الأول", "ديسمبر"),
    ("พ.ศ.", " "),
    ("ค.ศ.", " "),
];

/// A digit of any script that dates are printed in, as one of ours.
fn digit(c: char) -> char {
    const ZEROS: [u32; 14] =
        [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0x1040];
    let code = u32::from(c);
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code));
    zero.and_then(|zero| char::from_digit(code - zero, 10)).unwrap_or(c)
}

/// Marks that steer the direction of writing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Letters, and the signs above, below and between them that some scripts write vowels with.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        || matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
            | '\u{e47}'..='\u{e4e}')
        // The viramas and dots of the scripts of India.
        || matches!(u32::from(c), 0x900..=0xd7f if !c.is_numeric() && !matches!(c, '।' | '॥'))
}

fn pieces(lower: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::with_capacity(16);
    let mut rest = lower;
    while let Some(c) = rest.chars().next() {
        let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let length = if c.is_ascii_digit() {
            run(|c| c.is_ascii_digit())
        } else if c.is_alphabetic() {
            run(is_letter)
        } else {
            c.len_utf8()
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        match c {
            _ if c.is_ascii_digit() => pieces.push(Piece::Number(piece.parse().ok()?, length)),
            _ if c.is_alphabetic() => pieces.push(Piece::Word(piece)),
            _ if c.is_whitespace() => {}
            ',' | '.' | '-' | '/' | ':' | '·' | '•' | '|' | '\'' | '’' | '(' | ')' | '–' | '—' | '،' | '、' =>
            {
                pieces.push(Piece::Mark(c));
            }
            _ => return None,
        }
    }
    Some(pieces)
}

/// A printed time of day.
struct Clock {
    time: NaiveTime,
    utc: bool,
}

/// Takes a time of day out: `8:24 AM`, `20:24:05`, `20:24 UTC`, `20h24`. The inner `None`: there is none; the outer:
/// there is one that no clock shows.
fn take_time(pieces: &mut Vec<Piece<'_>>) -> Option<Option<Clock>> {
    use Piece::{Mark, Number, Word};
    let divides = |piece: &Piece| matches!(piece, Mark(':')) || matches!(piece, Word("h"));
    let found = pieces.windows(3).position(|w| matches!(w, [Number(_, 1..=2), d, Number(_, 2)] if divides(d)));
    let Some(start) = found else { return Some(None) };
    let mut tail = pieces.split_off(start).into_iter().peekable();
    let (Some(Number(hour, _)), _, Some(Number(minute, _))) = (tail.next(), tail.next(), tail.next()) else {
        return None;
    };
    if tail.next_if_eq(&Mark(':')).is_some() {
        tail.next_if(|piece| matches!(piece, Number(0..=60, 2)))?;
    }
    let mut says = |word: &str| tail.next_if(|piece| matches!(piece, Word(found) if *found == word)).is_some();
    let hour = match (says("am"), says("pm")) {
        (false, false) => hour,
        (_, afternoon) if (1..=12).contains(&hour) => hour % 12 + if afternoon { 12 } else { 0 },
        _ => return None,
    };
    let utc = says("utc") || says("gmt");
    pieces.extend(tail);
    Some(Some(Clock { time: NaiveTime::from_hms_opt(hour, minute, 0)?, utc }))
}

/// `2021-07-26`, and day and month in either order if one of them can be no month.
fn numeric(pieces: &[Piece<'_>]) -> Option<NaiveDate> {
    use Piece::{Mark, Number};
    let [Number(a, first), Mark(mark), Number(b, 1..=2), Mark(same), Number(c, last), rest @ ..] = pieces else {
        return None;
    };
    if mark != same || !matches!(mark, '-' | '/' | '.') || !rest.iter().all(is_filler) {
        return None;
    }
    match (first, last) {
        (4, 1..=2) => date(*a, *b, *c),
        (1..=2, 4) if *a > 12 || a == b => date(*c, *b, *a),
        (1..=2, 4) if *b > 12 => date(*c, *a, *b),
        _ => None,
    }
}

/// `2021年7月26日`, `2021년 7월 26일`; a weekday or time may follow. X printed `7月 26, 2021` until 2013.
fn east_asian(pieces: &[Piece<'_>]) -> Option<NaiveDate> {
    use Piece::{Mark, Number, Word};
    if let [Number(month, 1..=2), Word("月" | "월"), Number(day, 1..=2), Mark(','), Number(year, 4)] = pieces {
        return date(*year, *month, *day);
    }
    let [Number(year, 4), Word(y), Number(month, 1..=2), Word(m), Number(day, 1..=2), Word(d), ..] = pieces else {
        return None;
    };
    let marked = matches!((*y, *m), ("年", "月") | ("년", "월")) && d.starts_with(['日', '일']);
    if marked { date(*year, *month, *day) } else { None }
}

/// `26 tháng 7, 2021`, `ngày 26 tháng bảy năm 2021`: months have numbers, and `năm` is the fifth as well as the year.
fn vietnamese(pieces: &[Piece<'_>]) -> Option<NaiveDate> {
    use Piece::{Mark, Number, Word};
    let pieces: Vec<&Piece<'_>> = pieces.iter().filter(|piece| !matches!(piece, Mark(_))).collect();
    let at = pieces.iter().position(|piece| matches!(piece, Word("tháng" | "thg")))?;
    let (Number(day, 1..=2), true) = (pieces[at.checked_sub(1)?], at <= 2) else { return None };
    let (month, used) = match pieces.get(at + 1)? {
        Number(month, 1..=2) => (*month, 1),
        Word(word) => {
            let next = pieces.get(at + 2).and_then(|piece| if let Word(next) = piece { Some(*next) } else { None });
            let month = months::vietnamese(word, next)?;
            (month, if month > 10 { 2 } else { 1 })
        }
        _ => return None,
    };
    let ([Number(year, 4)] | [Word("năm"), Number(year, 4)], true) =
        (pieces.get(at + 1 + used..)?, at == 1 || matches!(pieces[0], Word("ngày")))
    else {
        return None;
    };
    date(*year, month, *day)
}

/// `July 26, 2021`, `26 July 2021`, `2021. július 26.`: a month by its name, a day and a year of four digits.
fn with_month_name(pieces: &[Piece<'_>]) -> Option<NaiveDate> {
    let (mut year, mut month, mut day, mut in_thai) = (None, None, None, false);
    for (at, piece) in pieces.iter().enumerate() {
        let first = match piece {
            Piece::Number(number, 4) => year.replace(*number).is_none(),
            Piece::Number(number, 1..=2) => day.replace(*number).is_none(),
            Piece::Number(..) => false,
            Piece::Word(word) => match months::by_name(word) {
                // October in Croatian, which sets a dot after the day; November in Polish, which sets none.
                Some(_) if *word == "listopada" && at > 0 && pieces[at - 1] == Piece::Mark('.') => false,
                Some(number) => {
                    in_thai |= months::is_thai(word);
                    month.replace(number).is_none()
                }
                None => is_filler(piece),
            },
            Piece::Mark(_) => true,
        };
        if !first {
            return None;
        }
    }
    // No other year of a Thai date is so far ahead.
    let year = year.map(|year| if in_thai && year > 2400 { year - months::BUDDHIST } else { year });
    date(year?, month?, day?)
}

fn is_filler(piece: &Piece<'_>) -> bool {
    match piece {
        Piece::Word(word) => months::is_filler(word),
        Piece::Mark(_) => true,
        Piece::Number(..) => false,
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// Whether a word is the name of a month, in any of the languages that [`printed`] knows.
pub fn is_month(word: &str) -> bool {
    months::by_name(&word.to_lowercase()).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn timestamps_of_programs() {
        for text in [
            "2021-07-26T18:03:11.000Z",
            "2021-07-26T20:03:11+02:00",
            "2021-07-26 18:03:11.5Z",
            "2021-07-26T18:03:11.123+0000",
            "2021-07-26T18:03:11",
            "2021-07-26 18:03:11",
            "2021-07-26 18:03:11 UTC",
            "2021-07-26 13:03:11-0500",
            "2021-07-26 18:03:11.250 +00:00",
            "2021-07-26 18:03:11+00",
            "2021-07-26 18:03:11,250",
            "Mon Jul 26 18:03:11 +0000 2021",
            "Mon, 26 Jul 2021 18:03:11 +0000",
            "Tue, 26 Jul 2021 18:03:11 GMT",
            " 26 Jul 2021 14:03:11 EDT ",
        ] {
            let at = timestamp(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(at.format("%Y-%m-%dT%H:%M:%S").to_string(), "2021-07-26T18:03:11", "{text}");
        }
        assert_eq!(timestamp("0001-10-14T00:00:00Z").unwrap().format("%Y").to_string(), "0001");
        for text in ["9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00+14:00"] {
            assert_eq!((timestamp(text), printed(text)), (None, None), "{text}");
        }
        for text in ["", "2021", "now", "2021-02-30T00:00:00Z", "1627322591", "July 26, 2021", "20210726"] {
            assert_eq!(timestamp(text), None, "{text}");
        }
        // A second that is not said, a zone that has many, a year that may be a day, a zone that is none.
        for text in [
            "2021-07-26T18:03Z",
            "2021-07-26 18:03",
            "2021-07-26 18:03:11 CST",
            "26-07-21 18:03:11",
            "2021-07-26 18:03:11 PM",
            "2021-07-26 18:03:11+2",
            "2021-07-26 18:03:11+24:00",
            "2021-07-26 18:03:11+02:60",
            "2021-07-26 18:03:11+é",
            "2021-07-26 18:03:11.",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn times_that_programs_print() {
        for (text, expected, precision) in [
            ("2021-07-26 23:30:00-0500", "2021-07-27T04:30:00Z", Precision::Second),
            ("2021-07-26T23:30:00.5-0500", "2021-07-27T04:30:00Z", Precision::Second),
            ("2021-07-26 12:34:56 UTC", "2021-07-26T12:34:56Z", Precision::Second),
            ("2021-07-26T12:34:56 UTC", "2021-07-26T12:34:56Z", Precision::Second),
            ("2021-07-26 12:34:56+00", "2021-07-26T12:34:56Z", Precision::Second),
            ("2021-07-26 12:34:56.123456+00", "2021-07-26T12:34:56Z", Precision::Second),
            ("2021-07-26 12:34:56 +0200", "2021-07-26T10:34:56Z", Precision::Second),
            ("2021-07-26T12:34Z", "2021-07-26T12:34:00Z", Precision::Minute),
            ("2021-07-26T12:34+02:00", "2021-07-26T10:34:00Z", Precision::Minute),
            ("2021-07-26 12:34 UTC", "2021-07-26T12:34:00Z", Precision::Minute),
            // Nobody knows where it was that hour, and of which zone of that name.
            ("2021-07-26T23:30", "2021-07-26", Precision::Day),
            ("2021-07-26 23:30:00.123", "2021-07-26", Precision::Day),
            ("2021-07-26 23:30:00 CST", "2021-07-26", Precision::Day),
        ] {
            let when = printed(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((when.to_rfc3339().as_str(), when.precision()), (expected, precision), "{text}");
        }
        for text in ["07/08/2021 12:34:56", "26-07-21 18:03:11", "2021-07-26 25:00:00Z", "2021-13-26T12:34Z"] {
            assert_eq!(printed(text), None, "{text}");
        }
    }

    #[test]
    fn dates_of_pages() {
        for text in [
            "July 26, 2021",
            "Jul 26, 2021",
            "Jul. 26th, 2021",
            "Monday, July 26, 2021",
            "26 July 2021",
            "26. Juli 2021",
            "Montag, 26. Juli 2021 um 20:24 Uhr",
            "26 juillet 2021",
            "26 juil. 2021 à 20h24",
            "26 de julio de 2021",
            "26 luglio 2021",
            "26 de julho de 2021",
            "26 juli 2021",
            "26. juli 2021 kl. 20:24",
            "26 lipca 2021",
            "26. července 2021",
            "26. júla 2021",
            "26. heinäkuuta 2021",
            "2021. július 26.",
            "26 iulie 2021",
            "26 июля 2021 г.",
            "26 липня 2021 р.",
            "26 Temmuz 2021",
            "26 Ιουλίου 2021",
            "26 de juliol de 2021",
            "26. srpnja 2021.",
            "26 юли 2021 г.",
            "26. јул 2021.",
            "2021 m. liepos 26 d.",
            "2021. gada 26. jūlijs",
            "26. juuli 2021",
            "2021(e)ko uztailaren 26(a)",
            "26 de xullo de 2021",
            "26 Juli 2021",
            "26 Julai 2021",
            "Hulyo 26, 2021",
            "26 Tháng Bảy, 2021",
            "26 tháng 7, 2021",
            "ngày 26 tháng 7 năm 2021",
            "26 يوليو 2021",
            "٢٦ يوليو، ٢٠٢١",
            "26 تموز 2021",
            "‏26 ביולי 2021‏",
            "۲۶ ژوئیهٔ ۲۰۲۱",
            "26 جولائی، 2021",
            "26 जुलाई 2021",
            "२६ जुलै, २०२१",
            "২৬ জুলাই, ২০২১",
            "ஜூலை 26, 2021",
            "26 જુલાઈ, 2021",
            "26 กรกฎาคม 2021",
            "26 กรกฎาคม พ.ศ. 2564",
            "๒๖ กรกฎาคม ๒๕๖๔",
            "2021年7月26日",
            "２０２１年７月２６日（月）午後8:24",
            "2021년 7월 26일",
            "7月 26, 2021",
            "7월 26, 2021",
            "七月 26, 2021",
            "2021-07-26",
            "2021/07/26",
            "26/07/2021",
            "26.7.2021",
            "07/26/2021",
            "July 26, 2021 at 8:24 AM",
            "8:24 p.m. · Jul 26, 2021",
            "2021-07-26T20:24:00",
        ] {
            let when = printed(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((when.to_rfc3339().as_str(), when.precision()), ("2021-07-26", Precision::Day), "{text}");
        }
        assert_eq!(printed("1er janvier 2021").unwrap().to_rfc3339(), "2021-01-01");
        for (text, day) in [
            ("5 tháng năm năm 2021", "2021-05-05"),
            ("5 tháng mười hai, 2021", "2021-12-05"),
            ("5 كانون الأول 2021", "2021-12-05"),
            ("5 फ़रवरी 2021", "2021-02-05"),
            ("5 জানুয়ারি, 2021", "2021-01-05"),
        ] {
            assert_eq!(printed(text).unwrap().to_rfc3339(), day, "{text}");
        }
        assert_eq!(printed("20 NİSAN 2021").unwrap().to_rfc3339(), "2021-04-20");
        assert_eq!(printed("11 listopada 2021").unwrap().to_rfc3339(), "2021-11-11");
        assert_eq!(printed("Jul 26, 2021 · 12:05 AM UTC").unwrap().to_rfc3339(), "2021-07-26T00:05:00Z");
        assert_eq!(printed("2021-07-26T20:24:05.123Z").unwrap().to_rfc3339(), "2021-07-26T20:24:05Z");
    }

    #[test]
    fn what_could_be_read_in_two_ways_or_is_no_date() {
        for text in [
            "3/4/2021",
            "03.04.2021",
            "26/07/21",
            "July 2021",
            "July 26",
            "26",
            "",
            "February 30, 2021",
            "July 26, 2021 was a Monday",
            "26 27 July 2021",
            "July August 26 2021",
            "26. listopada 2021.",
            "26 tháng 13, 2021",
            "26 tháng 7",
            "۴ مرداد ۱۴۰۰",
            "26 ก.ค. 64",
            "2021-07-26-27",
            "July 26, 2021 at 25:61",
            "July 26, 2021 at 13:00 pm",
        ] {
            assert_eq!(printed(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_date_or_none(text in ".{0,90}", date in "[0-9]{1,4}[-/. 年:h]{1,2}[0-9]{1,2}[-/. 月:]{1,2}[0-9]{1,4}[日 apmutc:0-9]{0,8}") {
            let _ = (timestamp(&text), printed(&text), timestamp(&date), printed(&date));
        }
    }
}
