//! A figure as a document.

use super::canvas::Canvas;

/// A picture as SVG, with the sentence that says what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    svg: String,
    caption: String,
}

impl Figure {
    /// Draws on a white canvas of `size` pixels.
    pub(super) fn draw(caption: String, size: [f64; 2], draw: impl FnOnce(&mut Canvas)) -> Self {
        let mut canvas = Canvas::new(size);
        draw(&mut canvas);
        Self { svg: canvas.document(&caption), caption }
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
