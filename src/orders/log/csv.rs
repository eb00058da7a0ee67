//! Logs as comma-separated values.

use super::file::{Target, watch};
use super::{Log, Record};
use crate::error::Result;
use crate::orders::simulation::OrdersEngine;
use crate::progress::Progress;
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;

/// One row an order, with a header.
pub(super) fn write(
    path: &Path,
    engine: &OrdersEngine,
    seed: u64,
    range: Range<u64>,
    progress: Progress,
) -> Result<u64> {
    let target = Target::new(path)?;
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(BufWriter::new(&target.file));
    // Written by itself: a log without orders has a header, too.
    writer.write_record(Record::COLUMNS).map_err(|e| target.error(&e))?;
    let count = {
        let write = |record: &Record| writer.serialize(record).map_err(|e| target.error(&e));
        watch(engine, seed, range, Log::new(write), progress)?
    };
    writer.flush().map_err(|e| target.error(&e))?;
    drop(writer);
    target.finish()?;
    Ok(count)
}
