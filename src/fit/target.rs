//! Files that are either complete or as they were.

use crate::error::{Error, Result};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where a file is to be written, checked before the work is done.
#[derive(Debug)]
pub struct Target {
    /// As given, for errors.
    name: String,
    /// Where a link leads.
    path: PathBuf,
    /// A device or a pipe is written to, not replaced.
    replace: bool,
}

impl Target {
    /// A target at `path`. What is there is replaced, unless it is one of `inputs`.
    ///
    /// # Errors
    /// [`Error::File`] for a folder, for a path in a folder that does not exist, and for an input.
    pub fn new(path: &Path, inputs: &[&Path]) -> Result<Self> {
        let name = path.display().to_string();
        let refuse = |message: String| Err(Error::File { path: name.clone(), message });
        if path.is_dir() {
            return refuse("is a folder; name a file".to_owned());
        }
        // A name alone has the parent "", the current folder.
        if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir()) {
            return refuse(format!("there is no folder {}", folder.display()));
        }
        let real = fs::canonicalize(path).ok();
        let same = |input: &&&Path| real.is_some() && fs::canonicalize(input).ok() == real;
        if inputs.iter().any(|input| same(&input)) {
            return refuse("is read by this command; name another file".to_owned());
        }
        let path = real.unwrap_or_else(|| path.to_owned());
        let replace = fs::metadata(&path).map_or(true, |about| about.is_file());
        Ok(Self { name, path, replace })
    }

    /// Whether it is a device or a pipe, which is written to and not replaced.
    pub fn is_device(&self) -> bool {
        !self.replace
    }

    /// Writes the whole text, or leaves everything as it was.
    ///
    /// # Errors
    /// [`Error::File`] with the operating system's reason.
    pub fn write(&self, text: &str) -> Result<()> {
        self.write_bytes(text.as_bytes())
    }

    /// Writes all bytes, or leaves everything as it was.
    ///
    /// # Errors
    /// [`Error::File`] with the operating system's reason.
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<()> {
        let error = |e: std::io::Error| Error::File { path: self.name.clone(), message: e.to_string() };
        if !self.replace {
            return fs::OpenOptions::new()
                .write(true)
                .open(&self.path)
                .and_then(|mut file| file.write_all(bytes).and_then(|()| file.flush()))
                .map_err(error);
        }
        // Two runs that write the same name do not write the same file.
        let mut partial = self.path.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        let written = fs::File::create(&partial)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&partial, &self.path));
        if written.is_err() {
            // If it cannot be removed either, the error on its way says enough.
            let _ = fs::remove_file(&partial);
        }
        written.map_err(error)
    }
}
