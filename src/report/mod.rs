//! The readable text of every result: one place for the command line and for notebooks.
//!
//! A [`Report`] is lines of text and tables. `Display` writes it as the command line prints it, [`Report::html`] as a notebook
//! shows it. Every main result has a method `report`, and `evcxr_display`, which the kernel of Rust notebooks (evcxr) calls for
//! the value that ends a cell: a result is shown there as a table, without a word of code.
//!
//! ```
//! use pooltree::{ClosedForm, Scenario, pool_tree::Architecture};
//! let scenario = Scenario::document();
//! let tree = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()))?;
//! let report = tree.report();
//! assert!(report.to_string().contains("| height |"));
//! assert!(report.html().contains("<table"));
//! assert_eq!(report.tables().nth(1).map(|by_height| by_height.rows().len()), Some(3));
//! # Ok::<(), pooltree::Error>(())
//! ```

/// Gives result types the methods `report`, by the function named, and `evcxr_display`.
///
/// Inherent methods, not those of a trait: the kernel finds them by name whatever is imported.
macro_rules! reported {
    ($($(#[$doc:meta])* $result:ty => $readable:expr;)+) => {$(
        impl $result {
            $(#[$doc])*
            pub fn report(&self) -> $crate::report::Report {
                let readable: fn(&Self) -> $crate::report::Report = $readable;
                readable(self)
            }

            /// Shows the [`report`](Self::report) in a notebook: called by the kernel for the value that ends a cell.
            pub fn evcxr_display(&self) {
                self.report().evcxr_display();
            }
        }
    )+};
}

mod always_on;
mod best;
mod claims;
mod climb;
mod closed_form;
mod compare;
mod estimates;
#[cfg(feature = "csv")]
mod fit;
pub mod format;
mod html;
mod keepers;
mod network;
mod orders;
mod periods;
mod phase;
mod pool_keepers;
mod quality;
mod scenario;
mod size;
mod sweep;
mod table;
mod threshold;

pub use table::Table;

use std::fmt;

/// Lines of text and tables, in the order in which they are read.
///
/// Text is written to it as to a string, [`Report::push_table`] adds a table.
///
/// ```
/// use pooltree::report::{Report, Table};
/// use std::fmt::Write;
/// let mut report = Report::new();
/// writeln!(report, "Two pools & their periods\n")?;
/// let mut table = Table::new(&["pool", "period"]);
/// table.add_row(["a", "0.5"]);
/// table.add_row(["b", "1"]);
/// report.push_table(table);
/// let text = "Two pools & their periods\n\n| pool | period |\n|------|--------|\n| a    |    0.5 |\n| b    |      1 |\n";
/// assert_eq!(report.to_string(), text);
/// assert!(report.html().contains("<p>Two pools &amp; their periods</p>"));
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    blocks: Vec<Block>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    /// Lines, their ends included; an empty one ends a paragraph.
    Lines(String),
    /// Lines whose columns of characters matter.
    Drawing(String),
    Table(Table),
}

impl Report {
    /// An empty report.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table; the text goes on in the line below.
    pub fn push_table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// Adds lines whose columns of characters matter, such as a map in letters.
    pub fn push_drawing(&mut self, lines: impl Into<String>) {
        self.blocks.push(Block::Drawing(lines.into()));
    }

    /// Adds all of another report.
    pub fn append(&mut self, other: Self) {
        for block in other.blocks {
            match block {
                Block::Lines(text) => self.push_text(&text),
                block => self.blocks.push(block),
            }
        }
    }

    /// The tables, the first one first.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| if let Block::Table(table) = block { Some(table) } else { None })
    }

    /// The same as HTML: paragraphs and tables, numbers to the right, in the colours of the page that it is part of.
    pub fn html(&self) -> String {
        html::of(&self.blocks)
    }

    /// Shows the report in a notebook: called by the kernel for the value that ends a cell.
    ///
    /// The kernel is given both forms and shows the HTML where it can.
    #[allow(clippy::print_stdout)] // the protocol of the kernel
    pub fn evcxr_display(&self) {
        println!("EVCXR_BEGIN_CONTENT text/plain\n{}\nEVCXR_END_CONTENT", self.to_string().trim_end());
        println!("EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT", self.html());
    }

    fn push_text(&mut self, text: &str) {
        match self.blocks.last_mut() {
            Some(Block::Lines(lines)) => lines.push_str(text),
            _ => self.blocks.push(Block::Lines(text.to_owned())),
        }
    }
}

/// A report of one table.
impl From<Table> for Report {
    fn from(table: Table) -> Self {
        Self { blocks: vec![Block::Table(table)] }
    }
}

impl Table {
    /// Shows the table in a notebook: called by the kernel for the value that ends a cell.
    pub fn evcxr_display(&self) {
        Report::from(self.clone()).evcxr_display();
    }
}

/// Writing into a report cannot fail.
impl fmt::Write for Report {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_text(text);
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.blocks.iter().try_for_each(|block| match block {
            Block::Lines(text) | Block::Drawing(text) => f.write_str(text),
            Block::Table(table) => writeln!(f, "{table}"),
        })
    }
}

#[cfg(test)]
mod tests;
