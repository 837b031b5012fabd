//! Coverage as strips: time by source, with the gaps by their cause.

use chrono::{DateTime, TimeDelta, Utc};

use super::letter::letter;
use super::sight::{Sight, guarantees};
use crate::chart::{Kind, Look, Piece, Strip, Strips};
use crate::coverage::{BEGINNING, Cause, Stretch, Stretches};
use crate::zone::Zone;

/// The places of the first kinds; gaps follow in the order of [`Cause::ALL`].
const POLLED: usize = 0;
const HEARD: usize = 1;
const GAPS: usize = 2;

/// The strips of these sources, with what their platforms guarantee as notes.
pub fn strips(title: &str, sights: &[Sight], zone: Zone) -> Strips {
    let mut kinds = vec![
        Kind { name: "covered: read page by page".to_owned(), look: Look::Full },
        Kind { name: "covered: as the stream brought it".to_owned(), look: Look::Lined },
    ];
    kinds.extend(Cause::ALL.into_iter().enumerate().map(|(number, cause)| Kind {
        name: format!("gap, {}: {}", cause.name(), cause.about()),
        look: Look::Gap(letter(cause), number),
    }));
    let row = |sight: &Sight| Strip { name: sight.name(), pieces: pieces(sight), said: sight.said(zone) };
    let unknown = sights.iter().filter_map(|sight| Some(format!("{}: {}.", sight.name(), sight.unknown()?)));
    let guarantees = guarantees(sights).into_iter().map(|(name, guarantee)| format!("{name}: {guarantee}."));
    Strips {
        title: title.to_owned(),
        zone,
        span: span(sights),
        kinds,
        rows: sights.iter().map(row).collect(),
        notes: unknown.chain(guarantees).collect(),
    }
}

fn pieces(sight: &Sight) -> Vec<Piece> {
    let survey = &sight.survey;
    let piece = |stretch: Stretch, kind| Piece { from: stretch.since, until: stretch.until, kind };
    let heard = survey.heard.iter().map(|stretch| piece(*stretch, HEARD));
    // What the stream brought is shown as that, whoever else read it.
    let polled = survey.covered.iter().flat_map(|stretch| survey.heard.missing(*stretch));
    let polled = polled.map(|stretch| piece(stretch, POLLED));
    let gaps = survey.gaps.iter().map(|gap| {
        let number = Cause::ALL.iter().position(|cause| *cause == gap.cause).unwrap_or_default();
        piece(gap.stretch, GAPS + number)
    });
    let mut pieces: Vec<Piece> = heard.chain(polled).chain(gaps).collect();
    pieces.sort_by_key(|piece| piece.from);
    pieces
}

/// The stretch that all of them fit in. What has no beginning is shown from a little before the first that is known of it.
fn span(sights: &[Sight]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let ends = |stretches: &Stretches| {
        stretches.iter().flat_map(|stretch| [stretch.since, stretch.until]).collect::<Vec<DateTime<Utc>>>()
    };
    let known = sights.iter().flat_map(|sight| {
        let survey = &sight.survey;
        let gaps = survey.gaps.iter().flat_map(|gap| [gap.stretch.since, gap.stretch.until]);
        let asked = survey.asked.into_iter().flat_map(|asked| [asked.since, asked.until]);
        let all: Vec<DateTime<Utc>> = ends(&survey.covered).into_iter().chain(gaps).chain(asked).collect();
        // When it was first asked there was something to be had, if the time before has no beginning.
        let first =
            survey.first_asked.filter(|first| all.iter().any(|at| at == &BEGINNING) && all.iter().any(|at| at > first));
        all.into_iter().chain(first).collect::<Vec<_>>()
    });
    let known: Vec<DateTime<Utc>> = known.collect();
    let finite = || known.iter().copied().filter(|at| *at != BEGINNING);
    let (first, last) = (finite().min()?, finite().max()?);
    if !known.contains(&BEGINNING) {
        return (first < last).then_some((first, last));
    }
    let before = ((last - first) / 12).max(TimeDelta::minutes(10));
    let whole = DateTime::from_timestamp((first - before).timestamp(), 0)?;
    Some((whole, last))
}
