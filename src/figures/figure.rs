//! A figure as a document.

use super::style::px;
use crate::error::{Error, Result};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend, WHITE};

/// A picture as SVG, with the sentence that says what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    svg: String,
    caption: String,
}

/// Where a figure is drawn.
pub(super) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

impl Figure {
    /// Draws on a white canvas of `size` pixels.
    pub(super) fn draw(
        caption: String,
        size: (u32, u32),
        draw: impl FnOnce(&Canvas) -> std::result::Result<(), Box<dyn std::error::Error>>,
    ) -> Result<Self> {
        let mut svg = String::new();
        let failed =
            |e: &dyn std::fmt::Display| Error::domain("figure", "(given)", format!("one that can be drawn ({e})"));
        {
            let canvas = SVGBackend::with_string(&mut svg, (px(size.0), px(size.1))).into_drawing_area();
            canvas.fill(&WHITE).map_err(|e| failed(&e))?;
            draw(&canvas).map_err(|e| failed(&e))?;
            canvas.present().map_err(|e| failed(&e))?;
        }
        let svg = svg.replacen(
            &format!("width=\"{}\" height=\"{}\"", px(size.0), px(size.1)),
            &format!("width=\"{}\" height=\"{}\"", size.0, size.1),
            1,
        );
        Ok(Self { svg: described(&svg, &caption), caption })
    }

    /// The SVG document.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// What it shows.
    pub fn caption(&self) -> &str {
        &self.caption
    }

    /// Shows the figure in a notebook: called by the kernel for the last expression of a cell.
    #[allow(clippy::print_stdout)] // the protocol of the kernel
    pub fn evcxr_display(&self) {
        println!("EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT", self.svg);
    }
}

/// The document with its caption for those who cannot see it.
fn described(svg: &str, caption: &str) -> String {
    let escaped = caption.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match svg.find("<svg").and_then(|start| Some(start + svg[start..].find('>')? + 1)) {
        Some(end) => format!("{}\n<title>{escaped}</title>{}", &svg[..end], &svg[end..]),
        None => svg.to_owned(),
    }
}
