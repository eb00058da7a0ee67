//! Which page of the API documentation a path like `pooltree::estimate::Estimate::mean` is described on.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};

use super::html::Page;
use super::paths::{Link, join};

/// The crate whose paths are looked up; a code span that begins with it and `::` is one.
pub(crate) const CRATE: &str = "pooltree";

/// What rustdoc puts before the name of an item's file. `name()` is looked up as a function first, `name!` as a macro.
const KINDS: [&str; 11] =
    ["struct", "enum", "trait", "fn", "constant", "type", "macro", "union", "static", "derive", "traitalias"];

/// What rustdoc puts before the name of a member's anchor.
const MEMBERS: [&str; 6] = ["method", "tymethod", "variant", "structfield", "associatedconstant", "associatedtype"];

/// The folder in which rustdoc wrote the documentation.
pub(crate) struct Api {
    folder: PathBuf,
    pages: RefCell<HashMap<PathBuf, Rc<Page>>>,
}

impl Api {
    /// # Errors
    ///
    /// Where the folder has no documentation of the crate.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let index = folder.join(CRATE).join("index.html");
        ensure!(index.is_file(), "there is no documentation of {CRATE} in {}", folder.display());
        Ok(Self { folder: folder.to_path_buf(), pages: RefCell::default() })
    }

    /// Whether a code span is a path to look up.
    pub(crate) fn is_path(code: &str) -> bool {
        code.strip_prefix(CRATE).is_some_and(|rest| rest.starts_with("::"))
    }

    /// The page, relative to the folder, with the anchor of a member behind `#`. Of `module::{A, B}` it is the module's
    /// page, and each name is looked up.
    ///
    /// # Errors
    ///
    /// Where the path leads to nothing that is public and documented.
    pub(crate) fn resolve(&self, code: &str) -> Result<String> {
        if let Some((module, names)) = code.strip_suffix('}').and_then(|code| code.split_once("::{")) {
            for name in names.split(',') {
                self.resolve(&format!("{module}::{}", name.trim()))?;
            }
            return self.resolve(module);
        }
        let path_ends = code.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(code.len());
        let (path, tail) = code.split_at(path_ends);
        ensure!(
            tail.is_empty() || tail.starts_with(['(', '!', '<']),
            "`{code}` begins as a path of the library and goes on as something else"
        );
        let segments: Vec<&str> = path.split("::").collect();
        ensure!(segments.iter().all(|s| !s.is_empty() && !s.contains(':')), "`{code}` is no path");
        let first = match tail.chars().next() {
            Some('(') => Some("fn"),
            Some('!') => Some("macro"),
            _ => None,
        };
        let mut folder = PathBuf::from(CRATE);
        for (position, segment) in segments.iter().enumerate().skip(1) {
            let rest = segments.get(position + 1..).unwrap_or_default();
            // A function and a module may share a name: `name()` is the function.
            let module = folder.join(segment);
            if !(rest.is_empty() && first.is_some()) && self.folder.join(&module).join("index.html").is_file() {
                folder = module;
                continue;
            }
            let item = self.item(&folder, segment, first)?.with_context(|| {
                format!("the library has no `{}`", segments.get(..=position).unwrap_or_default().join("::"))
            })?;
            return self.member(&item, rest).with_context(|| format!("the library has no `{path}`"));
        }
        Ok(url(&folder.join("index.html")))
    }

    /// The names of the modules at the root of the crate, in order.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be read.
    pub(crate) fn modules(&self) -> Result<Vec<String>> {
        let root = self.folder.join(CRATE);
        let entries = fs::read_dir(&root).with_context(|| format!("cannot list {}", root.display()))?;
        let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().join("index.html").is_file());
        let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }

    /// The page of an item of a module: its own, or the one to which a re-export leads.
    fn item(&self, module: &Path, name: &str, first: Option<&'static str>) -> Result<Option<PathBuf>> {
        let own = first.into_iter().chain(KINDS).map(|kind| module.join(format!("{kind}.{name}.html")));
        if let Some(page) = own.into_iter().find(|page| self.folder.join(page).is_file()) {
            return Ok(Some(page));
        }
        let index = self.page(&module.join("index.html"))?;
        if !index.anchors.contains(&format!("reexport.{name}")) {
            return Ok(None);
        }
        // A re-export links to what it exports, and says in the title what that is: `struct pooltree::a::Name`.
        let target = index.references.iter().find(|reference| {
            reference.title.rsplit_once("::").is_some_and(|(_, last)| last == name) && !reference.url.starts_with('#')
        });
        let Some(Link::Relative { path, .. }) = target.map(|reference| Link::parse(&reference.url)) else {
            return Ok(None);
        };
        Ok(join(module, &path).filter(|page| self.folder.join(page).is_file()))
    }

    /// The page of an item, with the anchor of its member.
    fn member(&self, page: &Path, rest: &[&str]) -> Result<String> {
        let anchors = match rest {
            [] => return Ok(url(page)),
            [name] => MEMBERS.map(|kind| format!("{kind}.{name}")).to_vec(),
            [variant, field] => vec![format!("variant.{variant}.field.{field}")],
            _ => bail!("it goes deeper than a field of a variant"),
        };
        let documentation = self.page(page)?;
        let anchor = anchors.into_iter().find(|anchor| documentation.anchors.contains(anchor));
        let anchor = anchor.with_context(|| format!("{} has no such member", page.display()))?;
        Ok(format!("{}#{anchor}", url(page)))
    }

    fn page(&self, path: &Path) -> Result<Rc<Page>> {
        if let Some(page) = self.pages.borrow().get(path) {
            return Ok(Rc::clone(page));
        }
        let file = self.folder.join(path);
        let html = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let page = Rc::new(Page::read(&html));
        self.pages.borrow_mut().insert(path.to_path_buf(), Rc::clone(&page));
        Ok(page)
    }
}

fn url(page: &Path) -> String {
    super::paths::relative(Path::new(""), page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small documentation as rustdoc lays it out.
    fn api() -> (tempfile::TempDir, Api) {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            (
                "index.html",
                "<dt id=\"reexport.Scenario\"><code>pub use scenario::<a class=\"struct\" \
                 href=\"scenario/struct.Scenario.html\" title=\"struct pooltree::scenario::Scenario\">Scenario</a></code></dt>",
            ),
            ("scenario/index.html", ""),
            ("scenario/struct.Scenario.html", "<section id=\"method.load\"></section><span id=\"structfield.levels\">"),
            ("scenario/enum.Flow.html", "<section id=\"variant.Near\"><span id=\"variant.Near.field.reach\">"),
            ("scenario/trait.Law.html", "<section id=\"tymethod.share\"><section id=\"associatedconstant.LIMIT\">"),
            ("scenario/fn.parse.html", ""),
            ("scenario/parse/index.html", ""),
            ("macro.swap.html", ""),
        ];
        for (name, html) in files {
            let file = folder.path().join(CRATE).join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, html).unwrap();
        }
        let api = Api::open(folder.path()).unwrap();
        (folder, api)
    }

    #[test]
    fn modules_items_members_and_reexports_are_found() {
        let (_folder, api) = api();
        for (code, page) in [
            ("pooltree::scenario", "pooltree/scenario/index.html"),
            ("pooltree::scenario::Scenario", "pooltree/scenario/struct.Scenario.html"),
            ("pooltree::scenario::Scenario::load", "pooltree/scenario/struct.Scenario.html#method.load"),
            ("pooltree::Scenario::load(path)", "pooltree/scenario/struct.Scenario.html#method.load"),
            ("pooltree::Scenario::levels", "pooltree/scenario/struct.Scenario.html#structfield.levels"),
            ("pooltree::scenario::Flow::Near", "pooltree/scenario/enum.Flow.html#variant.Near"),
            ("pooltree::scenario::Flow::Near::reach", "pooltree/scenario/enum.Flow.html#variant.Near.field.reach"),
            ("pooltree::scenario::Law::share", "pooltree/scenario/trait.Law.html#tymethod.share"),
            ("pooltree::scenario::Law::LIMIT", "pooltree/scenario/trait.Law.html#associatedconstant.LIMIT"),
            ("pooltree::scenario::parse", "pooltree/scenario/parse/index.html"),
            ("pooltree::scenario::parse()", "pooltree/scenario/fn.parse.html"),
            ("pooltree::swap!", "pooltree/macro.swap.html"),
            ("pooltree::{Scenario, scenario::Flow::Near}", "pooltree/index.html"),
        ] {
            assert_eq!(api.resolve(code).unwrap(), page, "{code}");
        }
    }

    #[test]
    fn unknown_paths_are_refused() {
        let (_folder, api) = api();
        for code in [
            "pooltree::nowhere",
            "pooltree::scenario::Scenari",
            "pooltree::scenario::Scenario::save",
            "pooltree::scenario::Flow::Near::width",
            "pooltree::scenario::Scenario::load::deep::er",
            "pooltree::Flow",
            "pooltree::scenario::{Flow, Claw}",
            "pooltree::scenario::Flow, Law",
            "pooltree::",
            "pooltree::scenario:Flow",
        ] {
            assert!(api.resolve(code).is_err(), "{code} was accepted: {:?}", api.resolve(code));
        }
        let error = format!("{:#}", api.resolve("pooltree::nowhere::X").unwrap_err());
        assert!(error.contains("`pooltree::nowhere`"), "{error}");
        assert!(Api::open(Path::new("/nowhere")).is_err());
    }

    #[test]
    fn what_is_a_path() {
        assert!(Api::is_path("pooltree::x"));
        assert!(!Api::is_path("pooltree compare"));
        assert!(!Api::is_path("use pooltree::x"));
    }
}
