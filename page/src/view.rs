//! The state of the page, and everything that it shows.

use crate::answer::{Answer, Compared};
use crate::control::Group;
use crate::presets::{PRESETS, Preset};
use crate::study::Study;
use crate::{controls, edit};
use pooltree::Scenario;
use pooltree::explore::axis::Spacing;
use pooltree::explore::{Axis, Contender};
use pooltree::figures::{self, Figure, Measure};
use serde::Serialize;

/// The most places: a second of distances between them.
const MOST_PLACES: usize = 256;

/// Half-lives drawn: from one decade below that of the present one to two above its start.
const DECADES: [i32; 2] = [-1, 2];

/// What went wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The key of the control that it is about, if it is about one.
    pub key: Option<String>,
    /// The sentence.
    pub text: String,
}

/// Everything that the page shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// What is wrong.
    pub message: Option<Message>,
    /// The preset that this is.
    pub preset: Option<&'static str>,
    /// The controls.
    pub groups: Vec<Group>,
    /// The architecture that picture and bars show.
    pub show: String,
    /// The state for a link.
    pub fragment: String,
    /// The scenario file.
    pub toml: String,
    /// The answer, unless something is wrong.
    pub answer: Option<Answer>,
}

/// A picture, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Picture {
    /// A picture with the sentence that says what it shows.
    Drawn {
        /// The document.
        svg: String,
        /// What it shows.
        caption: String,
    },
    /// None.
    Refused {
        /// Why.
        error: String,
    },
}

/// The state: a study, its last valid scenario, and what that one answers.
#[derive(Debug, Clone)]
pub struct State {
    study: Study,
    compared: Compared,
    /// Whether that answers the study as it is.
    valid: bool,
    message: Option<Message>,
}

impl State {
    /// The eight operators of the document.
    ///
    /// # Errors
    /// None: a test reads all presets.
    pub fn new() -> Result<Self, String> {
        let study = PRESETS[0].study()?;
        let compared = compared(&study).map_err(|error| error.to_string())?;
        Ok(Self { study, compared, valid: true, message: None })
    }

    /// Opens what a link carries; the document's operators where it carries nothing, or nothing that can be read.
    pub fn open(&mut self, fragment: &str) {
        if fragment.trim().is_empty() {
            return self.preset(PRESETS[0].name);
        }
        if let Some(name) = fragment.trim().strip_prefix("preset=") {
            let (name, show) = name.split_once("&show=").unwrap_or((name, "tree"));
            self.preset(if Preset::named(name).is_some() { name } else { PRESETS[0].name });
            self.show(show);
            if Preset::named(name).is_none() {
                self.tell(None, format!("There is no preset {name:?}. Here is the document's example instead."));
            }
            return;
        }
        match Study::open(fragment) {
            Ok(study) => self.take(study),
            Err(told) => {
                self.preset(PRESETS[0].name);
                self.tell(None, format!("This link cannot be read: {told}. Here is the document's example instead."));
            }
        }
    }

    /// Reads a pasted scenario file.
    pub fn read(&mut self, file: &str) {
        match Study::read(file) {
            Ok(study) => self.take(study),
            Err(told) => self.tell(None, told),
        }
    }

    /// Begins with a preset.
    pub fn preset(&mut self, name: &str) {
        match Preset::named(name).map(Preset::study) {
            Some(Ok(study)) => self.take(study),
            Some(Err(told)) => self.tell(None, told),
            None => self.tell(None, format!("{name}: there is no such preset")),
        }
    }

    /// Puts what a reader typed or chose at a key.
    pub fn set(&mut self, key: &str, text: &str) {
        self.edit(|study, scenario| edit::set(study, scenario, key, text));
    }

    /// Adds an element to a list.
    pub fn add(&mut self, key: &str) {
        self.edit(|study, _| edit::add(study, key));
    }

    /// Takes an element of a list away.
    pub fn remove(&mut self, key: &str) {
        self.edit(|study, _| edit::remove(study, key));
    }

    /// Looks at another architecture.
    pub fn show(&mut self, name: &str) {
        name.clone_into(&mut self.study.show);
    }

    fn edit(&mut self, change: impl FnOnce(&mut Study, &Scenario) -> Result<(), String>) {
        let mut study = self.study.clone();
        match change(&mut study, &self.compared.comparison.scenario) {
            Ok(()) => self.take(study),
            Err(told) => self.tell(None, told),
        }
    }

    /// Another study; what it answers stays that of the last valid one until it is valid.
    fn take(&mut self, study: Study) {
        self.message = None;
        let answer = compared(&study);
        self.valid = answer.is_ok();
        match answer {
            Ok(compared) => self.compared = compared,
            Err(error) => self.tell(key(&error), error.to_string()),
        }
        self.study = study;
    }

    fn tell(&mut self, key: Option<String>, text: String) {
        self.message = Some(Message { key, text });
    }

    /// Everything that the page shows.
    pub fn view(&self) -> View {
        let scenario = &self.compared.comparison.scenario;
        let same = |preset: &&Preset| preset.study().is_ok_and(|study| study.file() == self.study.file());
        View {
            message: self.message.clone(),
            preset: PRESETS.iter().find(same).map(|preset| preset.name),
            groups: controls::groups(&self.study, scenario),
            show: self.shown().to_owned(),
            fragment: self.study.fragment(),
            toml: self.study.file(),
            answer: if self.valid { self.compared.answer(&self.study.show) } else { None },
        }
    }

    /// The name of the architecture that is looked at.
    fn shown(&self) -> &str {
        self.compared.or_tree(&self.study.show).map_or("tree", |(name, _, _)| name)
    }

    /// What `pooltree compare --json --no-simulation` prints.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(&self.compared.comparison).map_or_else(|_| String::new(), |text| text + "\n")
    }

    /// All architectures and heights.
    pub fn csv(&self) -> String {
        self.compared.csv()
    }

    /// A picture of the last valid scenario.
    pub fn picture(&self, name: &str) -> Picture {
        match self.figure(name) {
            Ok(figure) => Picture::Drawn { svg: figure.svg().to_owned(), caption: figure.caption().to_owned() },
            Err(error) => Picture::Refused { error: error.to_string() },
        }
    }

    fn figure(&self, name: &str) -> pooltree::Result<Figure> {
        let scenario = &self.compared.comparison.scenario;
        let architecture = self.compared.or_tree(&self.study.show).map(|(_, architecture, _)| architecture);
        let missing = || pooltree::Error::domain("picture", name, "circle, filling or welfare");
        match name {
            "circle" => figures::circle(scenario, architecture.ok_or_else(missing)?),
            "filling" => figures::filling(scenario, architecture.ok_or_else(missing)?),
            "welfare" => self.against_half_life(scenario),
            _ => Err(missing()),
        }
    }

    fn against_half_life(&self, scenario: &Scenario) -> pooltree::Result<Figure> {
        const KEY: &str = "discount.half_life";
        let present = scenario.leave_open(&[KEY])?.present(0).filter(|now| now.is_finite());
        let now = present.unwrap_or(1.0).clamp(1e-300, 1e300);
        // Whole decades, so that the axis stands still while the reader slides inside one.
        let decade = format!("{now:e}").split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
        let range = DECADES.map(|more: i32| 10_f64.powi(decade + more));
        let axis = Axis::new(KEY, range, Spacing::Logarithmic, 61)?;
        let mut contenders = Vec::new();
        for name in self.compared.main() {
            let contender = match self.compared.named(&name) {
                Some((architecture, _)) if name == "best" => Contender::Heights(architecture.heights().to_vec()),
                _ => name.parse()?,
            };
            contenders.push(contender);
        }
        figures::welfare_at(scenario, &axis, &contenders, Measure::Net, 0, present, &|_, _| ())
    }
}

fn compared(study: &Study) -> pooltree::Result<Compared> {
    for key in ["sites.list", "sites.names"] {
        let places = study.len(key);
        if places > MOST_PLACES {
            let allowed = format!("at most {MOST_PLACES} places on this page; `pooltree compare` takes 4096");
            return Err(pooltree::Error::domain(key, format!("({places} places)"), allowed));
        }
    }
    Compared::new(&study.scenario()?)
}

/// The key that an error names.
fn key(error: &pooltree::Error) -> Option<String> {
    use pooltree::Error::{Domain, Missing, NotFinite, UnknownKey};
    match error {
        Domain { key, .. } | Missing { key, .. } | NotFinite { key, .. } | UnknownKey { key, .. } => Some(key.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State::new().unwrap()
    }

    #[test]
    fn presets_open_with_the_verdict_that_they_are_there_for() {
        let expected = [
            ("document", "Build a tree with auctions at heights 0, 1, 2 and 3"),
            ("opposite", "Build one global pool"),
            ("nearby", "Build disconnected local pools of height 1"),
            ("gamma-3", "Build a tree with auctions at heights 0, 1 and 2"),
            ("golden-ratio", "Build a tree with auctions at heights 1 and 3"),
            ("cities", "Build the whole tree"),
        ];
        for (name, verdict) in expected {
            let mut state = state();
            state.preset(name);
            let view = state.view();
            assert_eq!((view.preset, &view.message), (Some(name), &None));
            let mut linked = self::state();
            linked.open(&format!("preset={name}"));
            assert_eq!(linked.view(), view);
            let told = view.answer.unwrap().verdict;
            assert!(told.starts_with(verdict), "{name}: {told}");
            for picture in ["circle", "filling", "welfare"] {
                assert!(
                    matches!(state.picture(picture), Picture::Drawn { .. }),
                    "{name}: {:?}",
                    state.picture(picture)
                );
            }
            let mut other = self::state();
            other.open(&view.fragment);
            assert_eq!(other.view(), state.view());
            other.read(&view.toml);
            assert_eq!(other.json(), state.json());
        }
    }

    #[test]
    fn tree_and_global_pool_break_even_at_the_golden_ratio() {
        let mut state = state();
        state.preset("golden-ratio");
        let lead = |state: &State| {
            let net = |name: &str| state.compared.named(name).unwrap().1.net;
            net("tree") / net("global") - 1.0
        };
        assert!(lead(&state).abs() < 2e-3, "{}", lead(&state));
        state.set("discount.half_life", "0.6");
        assert!(lead(&state) > 0.01);
        state.set("discount.half_life", "0.9");
        assert!(lead(&state) < -0.01);
    }

    #[test]
    fn every_control_takes_what_it_offers() {
        for preset in &PRESETS {
            let mut start = state();
            start.preset(preset.name);
            let keys: Vec<_> = start.view().groups.into_iter().flat_map(|group| group.controls).collect();
            assert_eq!(keys.iter().filter(|control| control.first).count(), 5, "{}", preset.name);
            for control in keys {
                let ends = [control.min, control.max].into_iter().flatten().map(|x| x.to_string());
                let offers = control.choices.iter().map(|choice| choice.value.to_owned()).chain(ends);
                for offer in offers {
                    let mut state = start.clone();
                    state.set(&control.key, &offer);
                    let view = state.view();
                    // On a globe nobody is at a distance along the circle.
                    let refused = preset.name == "cities" && offer == "circle-distance";
                    assert_eq!(
                        view.answer.is_none(),
                        refused,
                        "{}: {} = {offer}: {:?}",
                        preset.name,
                        control.key,
                        view.message
                    );
                    if !refused {
                        let after = controls::find(&view.groups, &control.key);
                        let shown = after.map(|after| after.value).unwrap_or_default();
                        let close = shown.parse::<f64>().ok().zip(offer.parse::<f64>().ok());
                        let same = close.map_or(shown == offer, |(a, b)| (a - b).abs() <= 1e-5 * b.abs());
                        assert!(same, "{}: {} = {offer}: {shown}", preset.name, control.key);
                    }
                }
            }
        }
    }

    #[test]
    fn trees_of_any_size_keep_what_depends_on_their_depth() {
        let mut state = state();
        state.set("timing.latency.model", "table");
        state.set("timing.period.model", "table");
        state.set("flow.components.0.kind", "meet-at");
        for depth in ["7", "1", "0", "4"] {
            state.set("tree.depth", depth);
            assert_eq!(state.view().message, None, "depth {depth}");
        }
        state.set("flow.components.0.kind", "scale-free");
        state.add("flow.components");
        state.set("flow.components.1.kind", "circle-distance");
        state.set("flow.components.1.share", "0.3");
        state.set("tree.depth", "0");
        assert_eq!(state.view().message, None);
        assert!((state.study.number("flow.components.0.share").unwrap() - 0.7).abs() < 1e-12);
        state.remove("flow.components.0");
        assert_eq!((state.view().message, state.study.len("flow.components")), (None, 1));
    }

    #[test]
    fn mistakes_are_told_where_they_are_made() {
        let mut state = state();
        let before = state.json();
        for (key, value) in [
            ("tree.arity", "1"),
            ("tree.depth", "-3"),
            ("flow.rate", "many"),
            ("discount.half_life", "0"),
            ("cost.per_message", "-1"),
            ("timing.period.base", "0"),
            ("monte_carlo.seed", "1.5"),
        ] {
            state.set(key, value);
            let view = state.view();
            let message = view.message.unwrap();
            assert_eq!((message.key.as_deref(), view.answer.is_none()), (Some(key), true), "{message:?}");
            assert!(message.text.contains("must be"), "{message:?}");
            assert_eq!(controls::find(&view.groups, key).unwrap().value, value);
            assert_eq!(state.json(), before);
            state.preset("document");
            assert!(state.view().message.is_none());
        }
        for unknown in ["tree", "", "x.y", "flow.components.9.share"] {
            state.set(unknown, "1");
            assert!(state.view().message.is_some_and(|m| m.text.contains("no such control")), "{unknown}");
        }
    }

    #[test]
    fn links_that_cannot_be_read_lead_to_the_document() {
        for broken in ["<b>", "tree.arity", "%ff%fe", "tree.arity=2&tree.arity=3", "a=[", "show"] {
            let mut state = state();
            state.preset("cities");
            state.open(broken);
            let view = state.view();
            assert!(view.message.is_some_and(|m| m.text.starts_with("This link cannot be read: ")), "{broken}");
            assert_eq!((view.preset, view.answer.is_some()), (Some("document"), true), "{broken}");
        }
        let mut state = state();
        state.open("tree.arity=-2&tree.depth=3");
        let view = state.view();
        assert_eq!((view.message.unwrap().key.as_deref(), view.answer), (Some("tree.arity"), None));
    }
}
