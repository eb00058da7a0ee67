//! The last revealer of a random beacon.

use crate::error::{Result, checked};
use crate::kernels::elementary::{exp, exp_m1, exp2, ln_1p};
use crate::kernels::sum::Sum;

/// Terms of the mixture that are smaller do not change it.
const NEGLIGIBLE: f64 = 1e-18;

/// Probability that who owns the last `q` slots of a commit-reveal beacon gets an outcome that it likes.
///
/// ```text
/// 1 - (1 - p)^(2^q)
/// ```
///
/// Assumed: the contributions of all other slots are known when the first of the last `q` is due; for each of its `q` slots
/// the owner reveals or withholds, and each of the `2^q` choices leads to an outcome of its own, liked with probability
/// `p`, independently of the others (a hash in the random-oracle model). Withholding costs nothing here.
///
/// `0 ≤ p ≤ 1`; `q = 0` gives `p`. No cancellation for small `p`.
///
/// Source: *Keeper selection*, "Overview" (chain-generated pseudorandom numbers); derived in docs/models/selection.md.
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for a `p` that is no probability.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::last_revealer;
/// // Two slots, four chances at 1/2: 15/16.
/// assert!((last_revealer(0.5, 2)? - 0.9375).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn last_revealer(p: f64, q: u32) -> Result<f64> {
    probability("p", p)?;
    Ok(1.0 - missed(p, q)).map(|direct| if p < 0.5 { -exp_m1(ln_missed(p, q)) } else { direct })
}

/// What that adds to `p`: the bias of [`last_revealer`].
///
/// ```text
/// (1 - p) (1 - (1 - p)^(2^q - 1))
/// ```
///
/// 0 for `q = 0`, about `(2^q - 1) p` for small `p`. Source and errors as [`last_revealer`].
///
/// # Errors
/// [`Error::Domain`](crate::Error::Domain) for a `p` that is no probability.
///
/// ```
/// use pooltree::keepers::closed_form::attacks::last_revealer_gain;
/// assert!((last_revealer_gain(0.5, 2)? - (0.9375 - 0.5)).abs() < 1e-15);
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn last_revealer_gain(p: f64, q: u32) -> Result<f64> {
    probability("p", p)?;
    if q == 0 || p == 0.0 || p == 1.0 {
        return Ok(0.0);
    }
    let others = outcomes(q) - 1.0;
    Ok(-(1.0 - p) * exp_m1(others * ln_1p(-p)))
}

/// What an attacker gets who owns each slot of a beacon with the same probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LastRevealer {
    /// Probability of an outcome that it likes.
    pub probability: f64,
    /// That probability less `p`.
    pub gain: f64,
    /// Bound on what cutting the sum has left out.
    pub truncation: f64,
}

impl LastRevealer {
    /// The mixture over how many of the last slots in a row belong to the attacker.
    ///
    /// ```text
    /// Σ_{q≥0} α^q (1 - α) [1 - (1 - p)^(2^q)]
    /// ```
    ///
    /// `α`, `0 ≤ α < 1`, is the probability that a slot is its own, independently; `0 ≤ p ≤ 1`. The sum runs until a miss has
    /// probability below 1e-18; from there on all terms are taken as `α^q (1 - α)`, which together are `α^q` and too large
    /// by `truncation` at most. Epochs are long: the attacker may own any number of last slots.
    ///
    /// Source: derived in docs/models/selection.md.
    ///
    /// # Errors
    /// [`Error::Domain`](crate::Error::Domain) for parameters out of range.
    ///
    /// ```
    /// use pooltree::keepers::closed_form::attacks::LastRevealer;
    /// // Two thirds never own the last slot: 1/2, then 3/4, 15/16, 255/256, ...
    /// let terms = [2.0 / 3.0 * 0.5, 2.0 / 9.0 * 0.75, 2.0 / 27.0 * 0.9375, 2.0 / 81.0 * 255.0 / 256.0];
    /// let mixture = LastRevealer::new(1.0 / 3.0, 0.5)?;
    /// let rest = mixture.probability - terms.iter().sum::<f64>();
    /// assert!(rest < 1.0 / 81.0 && rest > 0.9999 / 81.0);
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn new(alpha: f64, p: f64) -> Result<Self> {
        checked("alpha", alpha, |a| (0.0..1.0).contains(&a), "at least 0 and below 1")?;
        probability("p", p)?;
        if p == 0.0 || alpha == 0.0 {
            return Ok(Self { probability: p, gain: 0.0, truncation: 0.0 });
        }
        let (mut gain, mut tail, mut q) = (Sum::default(), 1.0, 0);
        while missed(p, q) > NEGLIGIBLE && tail > 0.0 {
            gain.add(tail * (1.0 - alpha) * last_revealer_gain(p, q)?);
            tail *= alpha;
            q += 1;
        }
        gain.add(tail * (1.0 - p));
        let gain = gain.value();
        Ok(Self { probability: (p + gain).min(1.0), gain, truncation: tail * missed(p, q) })
    }
}

fn probability(key: &str, p: f64) -> Result<f64> {
    checked(key, p, |p| (0.0..=1.0).contains(&p), "a probability")
}

/// `2^q`, infinite from 1024 on.
fn outcomes(q: u32) -> f64 {
    exp2(f64::from(q))
}

/// `2^q ln(1 - p)`.
fn ln_missed(p: f64, q: u32) -> f64 {
    if p == 0.0 { 0.0 } else { outcomes(q) * ln_1p(-p) }
}

/// `(1 - p)^(2^q)`.
fn missed(p: f64, q: u32) -> f64 {
    exp(ln_missed(p, q))
}
