//! Whether and when the selected keepers execute.
