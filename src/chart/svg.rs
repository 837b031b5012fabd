//! A picture as SVG: no script, no font of its own, nothing loaded from elsewhere; titled and described for those who do not
//! see it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Chart;
use super::describe::description;
use super::layout::{Anchor, Hatch, INK, PAPER, Picture, Shape, TILE, WIDTH, layout};
use super::words::one_line;
use crate::markup::escaped;

/// The picture of a chart as an SVG document.
pub fn svg(chart: &Chart) -> String {
    document(&layout(chart), &one_line(&chart.title), &description(chart))
}

/// A picture with its title and what it shows in words, both on one line.
pub(super) fn document(picture: &Picture, title: &str, desc: &str) -> String {
    let (width, height) = (WIDTH, picture.height);
    // Two pictures may stand in one page, where a name may be given only once.
    let digest = Sha256::new().chain_update(title).chain_update([0]).chain_update(desc).finalize();
    let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t{name} d{name}\" width=\"{}\" height=\"{}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\">\n<title id=\"t{name}\">{}</title>\n\
         <desc id=\"d{name}\">{}</desc>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#{PAPER:06x}\"/>\n",
        width / 2,
        height / 2,
        escaped(title),
        escaped(desc),
    );
    patterns(picture, &name, &mut out);
    for shape in &picture.shapes {
        // Writing into a string does not fail.
        let _written = match shape {
            Shape::Rect { x, y, width, height, fill } => {
                writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"#{fill:06x}\"/>")
            }
            Shape::Hatched { x, y, width, height, hatch } => writeln!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"url(#{}{name})\"/>",
                hatch.name
            ),
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

/// The patterns that a picture uses, each once.
fn patterns(picture: &Picture, name: &str, out: &mut String) {
    let mut known: Vec<&Hatch> = Vec::new();
    for shape in &picture.shapes {
        let Shape::Hatched { hatch, .. } = shape else { continue };
        if known.contains(hatch) {
            continue;
        }
        known.push(hatch);
        let _written = write!(
            out,
            "<pattern id=\"{}{name}\" width=\"{TILE}\" height=\"{TILE}\" patternUnits=\"userSpaceOnUse\">\
             <rect width=\"{TILE}\" height=\"{TILE}\" fill=\"#{:06x}\"/>",
            hatch.name, hatch.paper
        );
        for (x, y, width, height) in hatch.tile {
            let _written = write!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"#{:06x}\"/>",
                hatch.ink
            );
        }
        out.push_str("</pattern>\n");
    }
}
