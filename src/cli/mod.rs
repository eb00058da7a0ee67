//! Arguments, progress and output of the command; everything else is the library's.

mod climb;
mod compare;
mod output;
mod progress;

use clap::{Parser, Subcommand};
use pooltree::{Error, Scenario};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Trees of operator pools that run batch auctions: exact expected welfare beside the simulation that confirms it.
#[derive(Parser)]
#[command(name = "pooltree", version, about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Full tree, global pool and local pools on the same order flow, closed form beside Monte Carlo.
    Compare(compare::Args),
    /// One order's climb at a constant filling rate: formula, matrix and simulation side by side, and critical filling rates.
    Climb(climb::Args),
}

/// Runs the command line; exit status 0, 2 for a mistake in the input, 1 if the output cannot be written.
pub(crate) fn run() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Compare(args) => compare::run(&args),
        Command::Climb(args) => climb::run(&args),
    };
    let text = match result {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    // One write at the very end: whatever interrupts the command leaves no half output.
    match output::write(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: standard output: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The scenario of `file`, of standard input for `-`, or of the document where no file is given.
fn scenario(file: Option<&Path>) -> Result<Scenario, Error> {
    match file {
        None => Ok(Scenario::document()),
        Some(path) if path == Path::new("-") => {
            let mut text = String::new();
            let input_error =
                |e: std::io::Error| Error::File { path: "standard input".to_owned(), message: e.to_string() };
            std::io::stdin().read_to_string(&mut text).map_err(input_error)?;
            text.parse()
        }
        Some(path) => Scenario::from_file(path),
    }
    .map_err(|error| in_file(error, file))
}

/// Names the file in front of an error in its contents.
fn in_file(error: Error, file: Option<&Path>) -> Error {
    match (error, file) {
        (Error::File { path, message }, _) => Error::File { path, message },
        (error, Some(path)) => Error::File { path: path.display().to_string(), message: error.to_string() },
        (error, None) => error,
    }
}

/// The file argument that every command takes.
#[derive(clap::Args)]
struct ScenarioFile {
    /// Scenario file (TOML), `-` for standard input [default: the eight operators of the document].
    file: Option<PathBuf>,
}
