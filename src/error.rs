//! The one error type of the crate.

use std::fmt::Display;

/// Everything that can go wrong, each with the key, the value and what is allowed.
///
/// Constructors report the bare name of the parameter (`height`); whoever reads it from a scenario puts the path in
/// front (`flow.components.1.height`) with [`Error::within`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The value of `key` is outside what is `allowed`.
    #[error("{key} = {value}: must be {allowed}")]
    Domain {
        /// Dotted path of the parameter.
        key: String,
        /// The offending value, as given.
        value: String,
        /// What would have been accepted.
        allowed: String,
    },
    /// A key that means nothing here.
    #[error("{key}: unknown key; allowed here: {allowed}")]
    UnknownKey {
        /// Dotted path of the key.
        key: String,
        /// The keys that exist at this place.
        allowed: String,
    },
    /// A key without which the scenario has no meaning.
    #[error("{key}: missing; must be {allowed}")]
    Missing {
        /// Dotted path of the key.
        key: String,
        /// What is expected there.
        allowed: String,
    },
    /// The text is not TOML at all.
    #[error("not a TOML document: {message}")]
    Syntax {
        /// The parser's account, with line and column.
        message: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {message}")]
    File {
        /// The path as given.
        path: String,
        /// The operating system's reason.
        message: String,
    },
    /// A result is not a finite number in double precision.
    #[error("{key} = {value}: {what} is not finite in double precision; choose a smaller value")]
    NotFinite {
        /// Dotted path of the parameter to change.
        key: String,
        /// Its value.
        value: String,
        /// The quantity that overflowed.
        what: String,
    },
    /// An error that arises at one point of a range of values.
    #[error("{error} (where {place})")]
    At {
        /// The values of the keys that vary.
        place: String,
        /// What is wrong there.
        error: Box<Error>,
    },
    /// A simulation, or an exact law without a short formula, whose work is out of reach.
    #[error("out of reach: {reason}")]
    OutOfReach {
        /// What it would take, and the limit.
        reason: String,
    },
    /// An exact search that would visit too many sets of heights.
    #[error("search out of reach: {reason}")]
    SearchTooLarge {
        /// What it would take, and the limit.
        reason: String,
    },
}

/// `Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The value of `key` is outside what is allowed.
    pub fn domain(key: impl Into<String>, value: impl Display, allowed: impl Into<String>) -> Self {
        Self::Domain { key: key.into(), value: value.to_string(), allowed: allowed.into() }
    }

    /// `what` overflows because of the value of `key`.
    pub(crate) fn not_finite(key: impl Into<String>, value: f64, what: impl Into<String>) -> Self {
        Self::NotFinite { key: key.into(), value: shown(value), what: what.into() }
    }

    /// The same error with the point at which it arises, unless its own key says so.
    #[must_use]
    pub(crate) fn at(self, keys: &[&str], values: &[f64]) -> Self {
        let told = |key: &str| matches!(&self, Self::Domain { key: own, .. } if own == key);
        if keys.iter().all(|key| told(key)) {
            return self;
        }
        let place = keys.iter().zip(values).map(|(key, value)| format!("{key} = {}", shown(*value)));
        Self::At { place: place.collect::<Vec<_>>().join(", "), error: Box::new(self) }
    }

    /// The same error, its key moved under `path` (`height` within `flow.components.1` is `flow.components.1.height`).
    #[must_use]
    pub fn within(mut self, path: &str) -> Self {
        match &mut self {
            Self::Domain { key, .. }
            | Self::UnknownKey { key, .. }
            | Self::Missing { key, .. }
            | Self::NotFinite { key, .. } => {
                *key = if key.is_empty() { path.to_owned() } else { format!("{path}.{key}") };
            }
            _ => {}
        }
        self
    }
}

/// `value` if it is finite and `accept`s it; NaN fails by itself because the accepting condition is what is tested.
pub(crate) fn checked(key: &str, value: f64, accept: impl Fn(f64) -> bool, allowed: &str) -> Result<f64> {
    if value.is_finite() && accept(value) { Ok(value) } else { Err(Error::domain(key, shown(value), allowed)) }
}

/// A number as a person would write it: very large and very small ones with an exponent.
pub(crate) fn shown(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&size) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}
