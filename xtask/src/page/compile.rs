//! Compiling `page/` to WebAssembly.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

const TARGET: &str = "wasm32-unknown-unknown";

/// Compiles the package in `page/`: the file with the code.
pub(crate) fn compile(root: &Path) -> Result<PathBuf> {
    ensure!(
        is_installed()?,
        "the compiler has no standard library for WebAssembly; install it with `rustup target add {TARGET}`"
    );
    let target = root.join("target/page");
    let status = Command::new(tool("CARGO", "cargo"))
        .args(["build", "--locked", "--release", "--lib", "--target", TARGET, "--manifest-path"])
        .arg(root.join("page/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", without_folders(root)?)
        .status()
        .context("cannot run cargo build")?;
    ensure!(status.success(), "the page does not compile");
    Ok(target.join(TARGET).join("release/pooltree_page.wasm"))
}

/// Flags that keep the folders of this machine out of the messages of the program, so that it is the same from anywhere.
fn without_folders(root: &Path) -> Result<OsString> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let output =
        Command::new(tool("RUSTC", "rustc")).args(["--print", "sysroot"]).output().context("cannot run rustc")?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let folders = [(Some(root.to_owned()), "pooltree"), (home, "cargo"), (Some(sysroot), "rust")];
    let mut flags = OsString::new();
    for (folder, name) in folders.into_iter().filter_map(|(folder, name)| Some((folder?, name))) {
        if !flags.is_empty() {
            flags.push("\u{1f}"); // between flags, as cargo wants it
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
        flags.push(name);
    }
    Ok(flags)
}

/// Whether the compiler can compile for WebAssembly at all. Cargo would answer with an error for every package.
fn is_installed() -> Result<bool> {
    let output = Command::new(tool("RUSTC", "rustc"))
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .context("cannot run rustc")?;
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(folder.trim()).is_dir())
}

fn tool(variable: &str, name: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| name.into())
}

/// The version of the library, from its manifest.
pub(crate) fn version(root: &Path) -> Result<String> {
    let file = root.join("Cargo.toml");
    let manifest = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    version_in(&manifest).with_context(|| format!("{} names no version of the package", file.display()))
}

fn version_in(manifest: &str) -> Option<String> {
    let package = manifest.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let line = package.take_while(|line| !line.starts_with('[')).find_map(|line| line.strip_prefix("version"))?;
    let value = line.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
    value.split_once('"').map(|(version, _)| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_package() {
        let manifest = "[workspace]\nversion = \"9\"\n[package]\nname = \"a\"\nversion = \"1.2.3\" # as released\n";
        assert_eq!(version_in(manifest).as_deref(), Some("1.2.3"));
        for without in ["", "[package]\nname = \"a\"\n[dependencies]\nversion = \"1\"\n", "[package]\nversion = 1\n"] {
            assert_eq!(version_in(without), None, "{without}");
        }
    }
}
