//! Figures: what the numbers look like.
//!
//! A [`Figure`] is an SVG document; it needs no font but the reader's own. With the feature `png` it also becomes an image, with
//! letters of its own. Colours are told apart by readers who do not see all of them alike (M. Okabe and K. Ito's palette; where
//! colour is a number, the greater the darker).
//!
//! ```
//! use pooltree::{Scenario, figures, pool_tree::Architecture};
//! let document = Scenario::document();
//! let figure = figures::circle(&document, &Architecture::full(document.tree()))?;
//! assert!(figure.svg().starts_with("<svg"));
//! assert!(figure.svg().contains("height 1: 61.42 %"));
//! # Ok::<(), pooltree::Error>(())
//! ```

mod axes;
mod canvas;
mod circle;
mod figure;
mod filling;
mod frame;
mod keepers;
mod letters;
mod phase;
#[cfg(feature = "png")]
mod png;
mod quantity;
mod shares;
mod simulated;
mod style;
mod welfare;

pub use circle::circle;
pub use figure::Figure;
pub use filling::{filling, filling_beside};
pub use keepers::keepers;
pub use phase::phase;
pub use shares::shares;
pub use simulated::simulated;
pub use welfare::{Measure, best_local, welfare, welfare_at};
