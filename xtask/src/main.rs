//! The project's own commands: `cargo xtask` lists them, `cargo xtask NAME` runs one. One file per command.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

mod book;
mod page;

/// One command: what it is called, what it does, and the function that does it.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(root: &Path, arguments: &[String]) -> Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "book",
        about: "builds the book of docs/, with the API documentation and the page, in target/book",
        run: book::run,
    },
    Command {
        name: "page",
        about: "builds only the page where a reader plays with the numbers, target/book/page.html",
        run: page::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        println!("{}", usage());
        return Ok(());
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        println!("{}", usage());
        return Ok(());
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(&root()?, rest),
        None => bail!("there is no command `{name}`\n\n{}", usage()),
    }
}

fn usage() -> String {
    let width = COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or(0);
    let lines: Vec<String> =
        COMMANDS.iter().map(|command| format!("  cargo xtask {:width$}  {}", command.name, command.about)).collect();
    format!("Commands:\n{}", lines.join("\n"))
}

/// The root of the repository: the folder above this package.
fn root() -> Result<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().map(Path::to_path_buf).context("the folder xtask/ has no folder above it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_refused_and_the_known_ones_are_listed() {
        let error = dispatch(&["boook".to_owned()]).unwrap_err().to_string();
        for known in ["`boook`", "cargo xtask book ", "cargo xtask page "] {
            assert!(error.contains(known), "{known}: {error}");
        }
    }
}
