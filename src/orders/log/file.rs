//! A file that is either complete or not there.

use super::{Log, Record};
use crate::error::{Error, Result};
use crate::orders::simulation::{Observer, OrdersEngine};
use crate::progress::Progress;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Shows replications block by block to a log.
pub(super) fn watch<W: FnMut(&Record) -> Result<()>>(
    engine: &OrdersEngine,
    seed: u64,
    range: Range<u64>,
    log: Log<W>,
    progress: Progress,
) -> Result<u64> {
    let mut told = Told { log, done: 0, all: range.end.saturating_sub(range.start), progress };
    engine.watch(seed, range, &mut told)?;
    told.log.finish()
}

/// A log that tells how far it is.
struct Told<'a, W> {
    log: Log<W>,
    done: u64,
    all: u64,
    progress: Progress<'a>,
}

impl<W: FnMut(&Record) -> Result<()>> Observer for Told<'_, W> {
    fn filled(&mut self, auction: &super::Auction, edge: super::Edge, orders: &[super::Order]) {
        self.log.filled(auction, edge, orders);
    }

    fn expired(&mut self, edge: super::Edge, order: &super::Order, at: f64) {
        self.log.expired(edge, order, at);
    }

    fn waiting(&mut self, edge: super::Edge, orders: &[super::Order]) {
        self.log.waiting(edge, orders);
    }

    fn ended(&mut self, replication: u64) {
        self.log.ended(replication);
        self.done += 1;
        (self.progress)(self.done, self.all);
    }
}

/// A file that appears under its name when it is complete.
pub(super) struct Target {
    path: PathBuf,
    partial: PathBuf,
    pub(super) file: File,
    complete: bool,
}

impl Target {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let mut partial = path.as_os_str().to_owned();
        // Two runs that write the same name do not write the same file.
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        let file_error = |message: String| Error::File { path: path.display().to_string(), message };
        if path.is_dir() {
            return Err(file_error("is a folder; name a file".to_owned()));
        }
        let file = File::create(&partial).map_err(|e| file_error(e.to_string()))?;
        Ok(Self { path: path.to_owned(), partial, file, complete: false })
    }

    pub(super) fn error(&self, error: &dyn std::fmt::Display) -> Error {
        Error::File { path: self.path.display().to_string(), message: error.to_string() }
    }

    pub(super) fn finish(mut self) -> Result<()> {
        std::fs::rename(&self.partial, &self.path).map_err(|e| self.error(&e))?;
        self.complete = true;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.complete {
            // Nothing half written stays; if it cannot be removed either, the error on its way says enough.
            let _ = std::fs::remove_file(&self.partial);
        }
    }
}
