//! The scenario as a file.

use super::Fitted;
use crate::error::{Error, Result};
use crate::pool_tree::{Component, Kind};
use std::fmt::Write;

/// The most bytes of a scenario file.
const LARGEST: usize = 1 << 24;

impl Fitted {
    /// The text of the scenario file: a block of comments with the sentences of `about` and all assumptions, then the scenario. With
    /// `rates` the flow is not in it; it names that file, to be filled with [`Fitted::rates_csv`].
    ///
    /// # Errors
    /// [`Error::OutOfReach`] for more than 16 MiB, the most that a scenario file may have.
    pub fn to_toml(&self, about: &[String], rates: Option<&str>) -> Result<String> {
        let failed = |e: toml::ser::Error| Error::domain("scenario", "(fitted)", e.to_string());
        let mut text = String::new();
        let assumed = self.assumptions().iter().map(|sentence| format!("assumed: {sentence}"));
        for sentence in about.iter().cloned().chain(assumed) {
            let _ = writeln!(text, "# {}", line(&sentence)); // writing into a string cannot fail
        }
        if self.scenario().sites().is_none() {
            text += "# operators by number:\n";
            for (number, name) in self.operators().iter().enumerate() {
                let _ = writeln!(text, "#   {number} = {}", line(name));
            }
        }
        text.push('\n');
        text += &match rates {
            None => toml::to_string(self.scenario()),
            Some(rates) => self.naming(rates).and_then(|table| toml::to_string(&table)),
        }
        .map_err(failed)?;
        if text.len() > LARGEST {
            let reason = format!(
                "the scenario has {:.1} MiB, a scenario file at most 16; write the rates to a file of their own",
                text.len() as f64 / f64::from(1 << 20)
            );
            return Err(Error::OutOfReach { reason });
        }
        Ok(text)
    }

    /// The scenario with the file of the rates in the place of the classes.
    fn naming(&self, rates: &str) -> std::result::Result<toml::Table, toml::ser::Error> {
        let mut table = toml::Table::try_from(self.scenario())?;
        let component = table.get_mut("flow").and_then(|flow| flow.get_mut("components")?.get_mut(0)?.as_table_mut());
        if let Some(component) = component {
            component.remove("classes");
            component.insert("file".to_owned(), rates.into());
        }
        Ok(table)
    }

    /// The rates as a CSV file with the columns `operator,sell,buy,rate`, operators by the names of their
    /// sites, or by number where there are no sites.
    ///
    /// # Errors
    /// [`Error::Domain`] if a name cannot be written.
    pub fn rates_csv(&self) -> Result<String> {
        let failed = |e: &dyn std::fmt::Display| Error::domain("rates", "(fitted)", e.to_string());
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["operator", "sell", "buy", "rate"]).map_err(|e| failed(&e))?;
        let names = self.scenario().sites().map(|survey| survey.sites().names());
        let name = |i: usize| names.and_then(|names| names.get(i).cloned()).unwrap_or_else(|| i.to_string());
        for flow in self.scenario().flow().components().iter().map(Component::kind) {
            let Kind::Custom(flow) = flow else { continue };
            for class in flow.classes() {
                let Some([x, y]) = class.pair() else { continue };
                for (operator, rates) in class.rates() {
                    for (rate, [sell, buy]) in rates.iter().zip([[x, y], [y, x]]).filter(|(rate, _)| **rate > 0.0) {
                        let row = [&name(*operator), sell, buy, &rate.to_string()];
                        out.write_record(row).map_err(|e| failed(&e))?;
                    }
                }
            }
        }
        let bytes = out.into_inner().map_err(|e| failed(&e))?;
        String::from_utf8(bytes).map_err(|e| failed(&e))
    }
}

/// Nothing in a comment ends its line.
fn line(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}
