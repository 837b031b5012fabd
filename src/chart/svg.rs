//! A picture as SVG: no script, no font of its own, nothing loaded from elsewhere; titled and described for those who do not
//! see it.

use std::fmt::Write as _;

use super::Chart;
use super::layout::{Anchor, PAPER, Shape, TEXT, WIDTH, layout};
use super::table::axis;
use super::words::{grouped, one_line};

/// The picture of a chart as an SVG document.
pub fn svg(chart: &Chart) -> String {
    let picture = layout(chart);
    let (width, height) = (WIDTH, picture.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" width=\"{}\" height=\"{}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n<title id=\"title\">{}</title>\n\
         <desc id=\"desc\">{}</desc>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#{PAPER:06x}\"/>\n",
        width / 2,
        height / 2,
        escaped(&one_line(&chart.title)),
        escaped(&one_line(&description(chart))),
    );
    for shape in &picture.shapes {
        // Writing into a string does not fail.
        let _written = match shape {
            Shape::Rect { x, y, width, height, fill } => {
                writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"#{fill:06x}\"/>")
            }
            Shape::Line { x, y, to_x, to_y, colour } => writeln!(
                out,
                "<line x1=\"{x}\" y1=\"{y}\" x2=\"{to_x}\" y2=\"{to_y}\" stroke=\"#{colour:06x}\" stroke-width=\"2\"/>"
            ),
            Shape::Text { x, y, anchor, large, text } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let size = if *large { "30\" font-weight=\"bold" } else { "20" };
                writeln!(
                    out,
                    "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"#{TEXT:06x}\">{}</text>",
                    escaped(text)
                )
            }
        };
    }
    out.push_str("</svg>\n");
    out
}

/// What the picture shows, in words.
fn description(chart: &Chart) -> String {
    let series = &chart.series;
    let mut said = vec![format!("A bar chart: {}.", axis(series))];
    if let Some((from, until)) = series.span() {
        let day = |at| series.zone.local(at).format("%-d %B %Y, %H:%M").to_string();
        let posts = series.posts();
        let word = if posts == 1 { "post" } else { "posts" };
        said.push(format!("{} {word} from {} to {}.", grouped(posts), day(from), day(until)));
        let most = series.most();
        if let Some(bin) = series.bins.iter().find(|bin| bin.posts == most) {
            said.push(format!("The most in a {}: {}, on {}.", series.step.as_str(), grouped(most), day(bin.start)));
        }
    }
    said.extend(chart.notes.iter().cloned());
    said.join(" ")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
