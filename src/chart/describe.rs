//! What a picture shows, in words: for those who do not see it.

use super::Chart;
use super::table::axis;
use super::words::{grouped, moment, one_line};

/// The description of a chart, on one line.
pub(super) fn description(chart: &Chart) -> String {
    let series = &chart.series;
    let mut said = vec![format!("A bar chart: {}.", axis(series, 1))];
    if let Some((from, until)) = series.span() {
        let (from, until) = (moment(from, series.zone), moment(until, series.zone));
        let posts = series.posts();
        let word = if posts == 1 { "post" } else { "posts" };
        said.push(format!("{} {word} from {from} to {until}.", grouped(posts)));
        let most = series.most();
        if let Some(bin) = series.bins.iter().find(|bin| bin.posts == most) {
            let (step, start) = (series.step.as_str(), moment(bin.start, series.zone));
            said.push(format!("The most in one {step}: {}, from {start}.", grouped(most)));
        }
    }
    said.extend(chart.notes.iter().cloned());
    one_line(&said.join(" "))
}
