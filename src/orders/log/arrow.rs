//! Logs as Arrow files.

use super::file::{Target, watch};
use super::{Log, Record};
use crate::error::Result;
use crate::orders::simulation::OrdersEngine;
use crate::progress::Progress;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array, UInt64Array};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use std::io::BufWriter;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Rows of one record batch.
const ROWS: usize = 1 << 16;

/// The columns of [`Record`], those that may be absent as nulls.
fn schema() -> Schema {
    let field = |name: &str, kind: DataType, nullable: bool| Field::new(name, kind, nullable);
    Schema::new(vec![
        field("replication", DataType::UInt64, false),
        field("order", DataType::UInt64, false),
        field("arrival", DataType::Float64, false),
        field("operator", DataType::UInt32, false),
        field("sell", DataType::UInt32, false),
        field("buy", DataType::UInt32, false),
        field("value", DataType::Float64, false),
        field("outcome", DataType::Utf8, false),
        field("height", DataType::UInt32, true),
        field("pool", DataType::UInt64, true),
        field("end", DataType::Float64, true),
        field("delay", DataType::Float64, true),
    ])
}

fn batch(schema: &Arc<Schema>, records: &[Record]) -> std::result::Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(records.iter().map(|r| Some(r.replication)).collect::<UInt64Array>()),
        Arc::new(records.iter().map(|r| Some(r.order)).collect::<UInt64Array>()),
        Arc::new(records.iter().map(|r| Some(r.arrival)).collect::<Float64Array>()),
        Arc::new(records.iter().map(|r| Some(r.operator)).collect::<UInt32Array>()),
        Arc::new(records.iter().map(|r| Some(r.sell)).collect::<UInt32Array>()),
        Arc::new(records.iter().map(|r| Some(r.buy)).collect::<UInt32Array>()),
        Arc::new(records.iter().map(|r| Some(r.value)).collect::<Float64Array>()),
        Arc::new(records.iter().map(|r| Some(r.outcome.name())).collect::<StringArray>()),
        Arc::new(records.iter().map(|r| r.height).collect::<UInt32Array>()),
        Arc::new(records.iter().map(|r| r.pool).collect::<UInt64Array>()),
        Arc::new(records.iter().map(|r| r.end).collect::<Float64Array>()),
        Arc::new(records.iter().map(|r| r.delay).collect::<Float64Array>()),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns)
}

/// One row an order.
pub(super) fn write(
    path: &Path,
    engine: &OrdersEngine,
    seed: u64,
    range: Range<u64>,
    progress: Progress,
) -> Result<u64> {
    let target = Target::new(path)?;
    let schema = Arc::new(schema());
    let mut writer = FileWriter::try_new(BufWriter::new(&target.file), &schema).map_err(|e| target.error(&e))?;
    let mut rows: Vec<Record> = Vec::with_capacity(ROWS);
    let count = {
        let write = |record: &Record| {
            rows.push(*record);
            if rows.len() < ROWS {
                return Ok(());
            }
            let written = batch(&schema, &rows).and_then(|batch| writer.write(&batch));
            rows.clear();
            written.map_err(|e| target.error(&e))
        };
        watch(engine, seed, range, Log::new(write), progress)?
    };
    let last = batch(&schema, &rows).and_then(|batch| writer.write(&batch));
    last.and_then(|()| writer.finish()).map_err(|e| target.error(&e))?;
    let mut buffer = writer.into_inner().map_err(|e| target.error(&e))?;
    std::io::Write::flush(&mut buffer).map_err(|e| target.error(&e))?;
    drop(buffer);
    target.finish()?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;
    use crate::orders::Orders;
    use crate::pool_tree::Architecture;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Float64Type;
    use arrow_ipc::reader::FileReader;

    #[test]
    fn a_log_reads_back() {
        let scenario = Scenario::document();
        let tree = Architecture::full(scenario.tree());
        let engine = OrdersEngine::new(&scenario, &tree, &Orders::default()).unwrap();
        let path = std::env::temp_dir().join(format!("pooltree-{}.arrow", std::process::id()));
        let count = write(&path, &engine, 1, 0..1100, &|_, _| ()).unwrap();
        let mut records = Vec::new();
        let log = Log::new(|record: &Record| {
            records.push(*record);
            Ok(())
        });
        watch(&engine, 1, 0..1100, log, &|_, _| ()).unwrap();
        assert_eq!(records.len() as u64, count);
        let mut row = 0;
        for batch in FileReader::try_new(std::fs::File::open(&path).unwrap(), None).unwrap() {
            let batch = batch.unwrap();
            let arrivals = batch.column_by_name("arrival").unwrap().as_primitive::<Float64Type>().clone();
            let delays = batch.column_by_name("delay").unwrap().as_primitive::<Float64Type>().clone();
            for (arrival, delay) in arrivals.iter().zip(delays.iter()) {
                assert_eq!((arrival, delay), (Some(records[row].arrival), records[row].delay));
                row += 1;
            }
        }
        assert_eq!(row, records.len());
        std::fs::remove_file(path).unwrap();
    }
}
