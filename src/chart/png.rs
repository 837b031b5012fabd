//! A picture as PNG, with the letters of Latin-1; others become question marks, and the SVG has them.

use std::convert::Infallible;
use std::io;

use embedded_graphics::Pixel;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle, iso_8859_1};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::{DrawTarget, Drawable, RgbColor};
use embedded_graphics::primitives::{Primitive, PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Alignment, Baseline, Text, TextStyleBuilder};

use super::Chart;
use super::describe::description;
use super::layout::{Anchor, Colour, INK, PAPER, Picture, Shape, TILE, WIDTH, layout};
use super::words::one_line;

/// The letters of titles, of which every point is drawn as four.
const LARGE: (&MonoFont<'_>, i32) = (&iso_8859_1::FONT_9X15_BOLD, 2);

/// All other letters.
const SMALL: (&MonoFont<'_>, i32) = (&iso_8859_1::FONT_10X20, 1);

/// The points of a picture, three bytes each.
struct Canvas {
    width: i32,
    height: i32,
    /// How many points high and broad each point becomes that is drawn.
    zoom: i32,
    bytes: Vec<u8>,
}

impl OriginDimensions for Canvas {
    fn size(&self) -> Size {
        Size::new(self.width.unsigned_abs(), self.height.unsigned_abs())
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(place, colour) in pixels {
            for down in 0..self.zoom {
                for right in 0..self.zoom {
                    let (x, y) = (place.x * self.zoom + right, place.y * self.zoom + down);
                    if !(0..self.width).contains(&x) || !(0..self.height).contains(&y) {
                        continue;
                    }
                    let at = usize::try_from((y * self.width + x) * 3).unwrap_or(usize::MAX);
                    if let Some(point) = self.bytes.get_mut(at..).and_then(|rest| rest.get_mut(..3)) {
                        point.copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The picture of a chart as a PNG file, which says in words what it shows.
///
/// # Errors
/// Only what the encoder refuses, which is nothing of this size.
pub fn png(chart: &Chart) -> io::Result<Vec<u8>> {
    file(&layout(chart), one_line(&chart.title), description(chart))
}

/// A picture with its title and what it shows in words, both on one line.
pub(super) fn file(picture: &Picture, title: String, desc: String) -> io::Result<Vec<u8>> {
    let size = usize::try_from(WIDTH * picture.height * 3).unwrap_or_default();
    let mut canvas = Canvas { width: WIDTH, height: picture.height, zoom: 1, bytes: vec![0; size] };
    let Ok(()) = canvas.clear(colour(PAPER));
    for shape in &picture.shapes {
        let Ok(()) = draw(shape, &mut canvas);
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH.unsigned_abs(), picture.height.unsigned_abs());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.add_itxt_chunk("Title".to_owned(), title)?;
    encoder.add_itxt_chunk("Description".to_owned(), desc)?;
    encoder.write_header()?.write_image_data(&canvas.bytes)?;
    Ok(file)
}

fn draw(shape: &Shape, canvas: &mut Canvas) -> Result<(), Infallible> {
    let mut fill = |x: i32, y: i32, width: i32, height: i32, with: Colour| {
        let area = Rectangle::new(Point::new(x, y), Size::new(width.unsigned_abs(), height.unsigned_abs()));
        area.into_styled(PrimitiveStyle::with_fill(colour(with))).draw(canvas)
    };
    match shape {
        Shape::Rect { x, y, width, height, fill: with } => fill(*x, *y, *width, *height, *with),
        Shape::Hatched { x, y, width, height, hatch } => {
            fill(*x, *y, *width, *height, hatch.paper)?;
            // Tiles lie on one grid, as those of the SVG do.
            for top in (y.div_euclid(TILE)..=(y + height).div_euclid(TILE)).map(|tile| tile * TILE) {
                for left in (x.div_euclid(TILE)..=(x + width).div_euclid(TILE)).map(|tile| tile * TILE) {
                    for (right, down, broad, high) in hatch.tile {
                        let (from_x, from_y) = ((left + right).max(*x), (top + down).max(*y));
                        let to_x = (left + right + broad).min(x + width);
                        let to_y = (top + down + high).min(y + height);
                        if from_x < to_x && from_y < to_y {
                            fill(from_x, from_y, to_x - from_x, to_y - from_y, hatch.ink)?;
                        }
                    }
                }
            }
            Ok(())
        }
        // Half of its thickness lies on either side.
        Shape::Line { x, y, to_x, to_y, colour } => {
            let (across, down) = if y == to_y { (0, 1) } else { (1, 0) };
            fill(x - across, y - down, to_x - x + 2 * across, to_y - y + 2 * down, *colour)
        }
        Shape::Text { x, y, anchor, large, text } => {
            let (font, zoom) = if *large { LARGE } else { SMALL };
            let alignment = match anchor {
                Anchor::Start => Alignment::Left,
                Anchor::Middle => Alignment::Center,
                Anchor::End => Alignment::Right,
            };
            let style = TextStyleBuilder::new().alignment(alignment).baseline(Baseline::Alphabetic).build();
            let letters = MonoTextStyle::new(font, colour(INK));
            let text = latin(text);
            canvas.zoom = zoom;
            let drawn = Text::with_text_style(&text, Point::new(x / zoom, y / zoom), letters, style).draw(canvas);
            canvas.zoom = 1;
            drawn.map(|_| ())
        }
    }
}

fn colour(colour: Colour) -> Rgb888 {
    let [_, red, green, blue] = colour.to_be_bytes();
    Rgb888::new(red, green, blue)
}

/// The text in letters that the font has.
fn latin(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' | '\u{a0}'..='\u{ff}' => shown.push(c),
            '“' | '”' | '„' => shown.push('"'),
            '‘' | '’' => shown.push('\''),
            '–' | '—' => shown.push('-'),
            '…' => shown.push_str("..."),
            _ => shown.push('?'),
        }
    }
    shown
}
