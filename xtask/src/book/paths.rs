//! Paths inside the repository and inside the book: always relative, with `/`, and never out of it.

use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;

/// `to`, as seen from the folder `from`, both relative to the same folder; with `/` on every system.
pub(crate) fn relative(from: &Path, to: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from.iter().skip(common).map(|_| "..".to_owned());
    let down = to.iter().skip(common).map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// `folder/path` without `.` and `..`; `None` where it leaves the root.
pub(crate) fn join(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut joined = PathBuf::new();
    for component in folder.components().chain(Path::new(path).components()) {
        match component {
            Component::Normal(name) => joined.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !joined.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(joined)
}

/// A link taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Link {
    /// With a scheme or a host: leads out of the book.
    Elsewhere,
    /// Relative: decoded path, empty for the page itself, and decoded fragment.
    Relative { path: String, fragment: Option<String> },
}

impl Link {
    pub(crate) fn parse(url: &str) -> Self {
        let scheme = url.split_once(':').map(|(before, _)| before);
        let is_scheme = |s: &str| {
            s.starts_with(|c: char| c.is_ascii_alphabetic())
                && s.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        };
        if url.starts_with("//") || scheme.is_some_and(is_scheme) {
            return Self::Elsewhere;
        }
        let (rest, fragment) = match url.split_once('#') {
            Some((rest, fragment)) => (rest, Some(decode(fragment))),
            None => (url, None),
        };
        let path = rest.split_once('?').map_or(rest, |(path, _)| path);
        Self::Relative { path: decode(path), fragment }
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths() {
        let relative = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(relative("", "api/x.html"), "api/x.html");
        assert_eq!(relative("models", "api/x.html"), "../api/x.html");
        assert_eq!(relative("models", "models/a.md"), "a.md");
        let join = |from: &str, to: &str| join(Path::new(from), to).map(|p| p.to_string_lossy().into_owned());
        assert_eq!(join("docs/models", "../../examples/a.toml").as_deref(), Some("examples/a.toml"));
        assert_eq!(join("docs", "./a/").as_deref(), Some("docs/a"));
        assert_eq!(join("docs", "../../etc"), None);
        assert_eq!(join("docs", "/etc"), None);
    }

    #[test]
    fn links_are_taken_apart() {
        assert_eq!(Link::parse("https://example.org/a#b"), Link::Elsewhere);
        assert_eq!(Link::parse("//example.org"), Link::Elsewhere);
        assert_eq!(Link::parse("mailto:a@example.org"), Link::Elsewhere);
        let link = |path: &str, fragment: Option<&str>| Link::Relative {
            path: path.to_owned(),
            fragment: fragment.map(str::to_owned),
        };
        assert_eq!(Link::parse("a%20b.html?x#c%C3%A4"), link("a b.html", Some("cä")));
        assert_eq!(Link::parse("#c"), link("", Some("c")));
        assert_eq!(Link::parse("../x/"), link("../x/", None));
    }
}
