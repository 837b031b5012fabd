//! A picture as SVG: no script, no font of its own, nothing loaded from elsewhere; titled and described for those who do not
//! see it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Chart;
use super::describe::description;
use super::layout::{Anchor, INK, PAPER, Shape, WIDTH, layout};
use super::words::one_line;
use crate::markup::escaped;

/// The picture of a chart as an SVG document.
pub fn svg(chart: &Chart) -> String {
    let picture = layout(chart);
    let (width, height) = (WIDTH, picture.height);
    let (title, desc) = (one_line(&chart.title), description(chart));
    // Two pictures may stand in one page, where a name may be given only once.
    let digest = Sha256::new().chain_update(&title).chain_update([0]).chain_update(&desc).finalize();
    let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t{name} d{name}\" width=\"{}\" height=\"{}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n<title id=\"t{name}\">{}</title>\n\
         <desc id=\"d{name}\">{}</desc>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#{PAPER:06x}\"/>\n",
        width / 2,
        height / 2,
        escaped(&title),
        escaped(&desc),
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
                    "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"#{INK:06x}\">{}</text>",
                    escaped(text)
                )
            }
        };
    }
    out.push_str("</svg>\n");
    out
}
