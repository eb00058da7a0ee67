//! Networks.

mod order_log;
