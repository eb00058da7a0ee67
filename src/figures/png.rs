//! A figure as PNG.

use super::Figure;
use crate::error::{Error, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Latin, Greek and mathematical letters, so that no machine needs fonts; see assets/fonts.
const FONT: &[u8] = include_bytes!("../../assets/fonts/DejaVuSans-subset.ttf");

/// The finest picture: pixels of the PNG for one of the document.
const FINEST: f64 = 8.0;

/// The most pixels.
const MOST_PIXELS: f64 = 1e8;

impl Figure {
    /// The figure as a PNG image, `scale` pixels wide and high for every pixel of the document. The same figure has the same
    /// bits every time. Letters that the built-in font lacks are drawn as an empty box.
    ///
    /// # Errors
    /// [`Error::Domain`] unless `scale` is above 0, at most 8, and the image has at most 1e8 pixels.
    ///
    /// ```
    /// use pooltree::{Scenario, figures, pool_tree::Architecture};
    /// let document = Scenario::document();
    /// let image = figures::circle(&document, &Architecture::full(document.tree()))?.png(2.0)?;
    /// assert!(image.starts_with(b"\x89PNG"));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn png(&self, scale: f64) -> Result<Vec<u8>> {
        if !(scale > 0.0 && scale <= FINEST) {
            return Err(Error::domain("scale", scale, format!("above 0, at most {FINEST}")));
        }
        let failed = |e: &dyn std::fmt::Display| Error::domain("figure", "(given)", format!("one with an image ({e})"));
        let mut options = Options { font_family: "DejaVu Sans".to_owned(), ..Options::default() };
        let fonts = options.fontdb_mut();
        fonts.load_font_data(FONT.to_vec());
        fonts.set_sans_serif_family("DejaVu Sans");
        let tree = Tree::from_str(self.svg(), &options).map_err(|e| failed(&e))?;
        let [width, height] = [tree.size().width(), tree.size().height()].map(|side| (f64::from(side) * scale).ceil());
        if !(width * height <= MOST_PIXELS) {
            let pixels = format!("{scale} ({width} × {height} pixels)");
            return Err(Error::domain("scale", pixels, format!("one that makes at most {MOST_PIXELS} pixels")));
        }
        let mut image = Pixmap::new(width as u32, height as u32).ok_or_else(|| failed(&"no pixels"))?;
        let scale = scale as f32;
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut image.as_mut());
        image.encode_png().map_err(|e| failed(&e))
    }
}

#[cfg(test)]
mod tests {
    use super::super::canvas::Anchor;
    use super::super::style::BLACK;
    use super::*;

    /// The image of a text alone, and how many of its pixels are dark.
    fn drawn(text: &str) -> Option<(Vec<u8>, usize)> {
        let figure = Figure::draw("letters".to_owned(), [200.0, 30.0], |canvas| {
            canvas.text(text, (10.0, 15.0), Anchor::Start, 13.0, BLACK);
        });
        let image = figure.png(2.0).ok()?;
        let pixels = Pixmap::decode_png(&image).ok()?;
        assert_eq!((pixels.width(), pixels.height()), (400, 60));
        let dark = pixels.pixels().iter().filter(|pixel| pixel.red() < 128).count();
        Some((image, dark))
    }

    #[test]
    fn letters_are_drawn_without_fonts_of_the_machine() {
        let dark = |text: &str| drawn(text).map_or(0, |(_, dark)| dark);
        assert_eq!((drawn("").is_some(), dark(""), dark(" \u{0}\u{7}\u{ffff}")), (true, 0, 0));
        for text in ["height", "γ = 2", "1 - 1/√(γr)", "10⁻¹²·Λ", "①②", "{1, …, 3}", "−½ ≤ ∞", "Zürich & <Łódź>"]
        {
            assert!(dark(text) > 60, "{text}");
        }
        // Every letter is another one, none an empty box.
        let all: Vec<_> = "abcγβΛ√∞≤①②…⁰¹²⁻·–".chars().filter_map(|c| drawn(&c.to_string())).collect();
        assert_eq!(all.len(), 18);
        assert!((0..all.len()).all(|i| all[..i].iter().all(|other| other.0 != all[i].0)));
        // Letters that the font lacks are boxes, all alike.
        let (unknown, dark) = drawn("漢").unwrap_or_default();
        assert!(dark > 0 && unknown == drawn("字").unwrap_or_default().0);
    }
}
