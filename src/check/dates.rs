//! The dates that a draft prints, also those that may be read in two ways (`12/8/2021`) or say less than a day (`August 2020`).
//!
//! An import never takes such a date for that of a post; here it is enough to know which days it cannot be.

use chrono::{Datelike, NaiveDate};

use crate::date;
use crate::platform::signature;

/// A date as a draft prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    text: String,
    readings: Vec<Part>,
}

/// What one reading of a date says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    year: Option<i32>,
    month: u32,
    day: Option<u32>,
}

impl Printed {
    /// Reads a text that is a date and nothing else.
    pub(super) fn read(text: &str) -> Option<Printed> {
        let readings = readings(text);
        (!readings.is_empty()).then(|| Printed { text: text.to_owned(), readings })
    }

    /// Reads a day and a month in numbers, as they stand behind a word that says so: `on 29/7`, `am 29.7.`
    pub(super) fn read_short(text: &str, sign: char) -> Option<Printed> {
        // They name other things.
        if matches!(text, "9/11" | "24/7" | "50/50") {
            return None;
        }
        let (one, two) = text.split_once(sign)?;
        let is_number = |text: &str| matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(one) || !is_number(two) {
            return None;
        }
        // A leap year has every day.
        let days = numeric(&format!("{one}{sign}{two}{sign}2020"));
        let readings: Vec<Part> =
            days.iter().map(|day| Part { year: None, month: day.month(), day: Some(day.day()) }).collect();
        (!readings.is_empty()).then(|| Printed { text: text.to_owned(), readings })
    }

    /// Whether some reading of it is that day.
    pub(super) fn fits(&self, day: NaiveDate) -> bool {
        self.readings.iter().any(|part| {
            part.month == day.month()
                && part.year.is_none_or(|year| year == day.year())
                && part.day.is_none_or(|number| number == day.day())
        })
    }

    /// The day, if it is one and no other.
    pub fn day(&self) -> Option<NaiveDate> {
        let [Part { year: Some(year), month, day: Some(day) }] = self.readings[..] else { return None };
        NaiveDate::from_ymd_opt(year, month, day)
    }

    /// As it is shown: `2021-07-26`, or the words of the draft where they say less.
    pub fn shown(&self) -> String {
        self.day().map_or_else(|| self.text.clone(), |day| day.to_string())
    }
}

fn readings(text: &str) -> Vec<Part> {
    let whole = |day: NaiveDate| Part { year: Some(day.year()), month: day.month(), day: Some(day.day()) };
    let words: Vec<&str> = text.split([' ', '.', ',']).filter(|word| !word.is_empty()).collect();
    let named = words.iter().any(|word| date::is_month(&word.to_lowercase()));
    if signature::has_year(text) {
        if let Some(when) = date::printed(text) {
            return vec![whole(when.at().date_naive())];
        }
        // A month and its year.
        if let [month, year] = words[..]
            && date::is_month(&month.to_lowercase())
            && let Some(when) = date::printed(&format!("1 {month} {year}"))
        {
            return vec![Part { day: None, ..whole(when.at().date_naive()) }];
        }
    } else if named && words.len() <= 3 && text.contains(|c: char| c.is_ascii_digit()) {
        // A day without its year; that year has every day.
        let when = date::printed(&format!("{text} 2020")).or_else(|| date::printed(&format!("{text}, 2020")));
        return when.map(|when| Part { year: None, ..whole(when.at().date_naive()) }).into_iter().collect();
    }
    // The month and the day of East Asia.
    let is_marked = |month: char, day: char| text.contains(month) && text.ends_with(day);
    if text.starts_with(|c: char| c.is_ascii_digit()) && (is_marked('月', '日') || is_marked('월', '일')) {
        let year = if text.contains('月') { "2020年" } else { "2020년 " };
        let when = date::printed(&format!("{year}{text}"));
        return when.map(|when| Part { year: None, ..whole(when.at().date_naive()) }).into_iter().collect();
    }
    numeric(text).into_iter().map(whole).collect()
}

/// `9/8/2021`, `09.08.21`, `8-9-2021`: the day may stand first, or the month.
fn numeric(text: &str) -> Vec<NaiveDate> {
    let Some(sign) = text.chars().find(|c| matches!(c, '/' | '.' | '-')) else { return Vec::new() };
    let parts: Vec<&str> = text.split(sign).collect();
    let [one, two, year] = parts[..] else { return Vec::new() };
    let is_number =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(one, 2) || !is_number(two, 2) || !is_number(year, 4) || !matches!(year.len(), 2 | 4) {
        return Vec::new();
    }
    let (Ok(one), Ok(two), Ok(number)) = (one.parse::<u32>(), two.parse::<u32>(), year.parse::<i32>()) else {
        return Vec::new();
    };
    let year = if year.len() == 2 { 2000 + number } else { number };
    let mut days: Vec<NaiveDate> = [(one, two), (two, one)]
        .iter()
        .filter_map(|(day, month)| NaiveDate::from_ymd_opt(year, *month, *day))
        .collect();
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_fits_where_a_reading_does() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (text, fits, other) in [
            ("26 July 2021", "2021-07-26", "2020-07-26"),
            ("12/8/2021", "2021-08-12", "2021-08-08"),
            ("12/8/2021", "2021-12-08", "2020-12-08"),
            ("7/26/21", "2021-07-26", "2021-06-07"),
            ("26.07.2021", "2021-07-26", "2021-07-27"),
            ("9 August", "2020-08-09", "2020-08-08"),
            ("August 9", "2021-08-09", "2021-09-08"),
            ("August 2020", "2020-08-31", "2021-08-31"),
            ("2021年8月6日", "2021-08-06", "2021-08-04"),
            ("8月6日", "2020-08-06", "2021-08-04"),
            ("8월 6일", "2020-08-06", "2021-08-04"),
        ] {
            let printed = Printed::read(text).unwrap_or_else(|| panic!("{text}"));
            assert!(printed.fits(day(fits)) && !printed.fits(day(other)), "{text}");
        }
        for text in ["9/11", "31/31/2021", "2020", "August", "1.2.3", "24/7", "May be 12"] {
            assert_eq!(Printed::read(text), None, "{text}");
        }
        let short = Printed::read_short("12/8", '/').unwrap();
        assert!(short.fits(day("2021-08-12")) && short.fits(day("2021-12-08")) && !short.fits(day("2021-08-08")));
        for text in ["9/11", "24/7", "31/31", "1/2/3", "a/b"] {
            assert_eq!(Printed::read_short(text, '/'), None, "{text}");
        }
    }
}
