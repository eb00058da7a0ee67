//! Sites from measured round trips, which may differ by direction and have holes.

use super::{LARGEST_LATENCY, Sites, check_names, is_latency};
use crate::error::{Error, Result, shown};
use rayon::prelude::*;

/// Two directions of a pair that were measured differently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asymmetry {
    /// The site of the lower index.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// Round trip in milliseconds measured at `from`.
    pub forward: f64,
    /// Round trip in milliseconds measured at `to`.
    pub back: f64,
}

/// What was done to make [`Sites`] of measured round trips.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundTripReport {
    /// Number of sites, `n`.
    pub sites: usize,
    /// Pairs measured in both directions: half of the mean of the two.
    pub both_directions: usize,
    /// Pairs measured in one direction only: half of that.
    pub one_direction: usize,
    /// Pairs that were not measured: the shortest path over pairs that were.
    pub by_path: usize,
    /// Values other than 0 from a site to itself, which were ignored.
    pub diagonal_ignored: usize,
    /// The pair with the largest difference of the two directions, the first among equals; none where no two differ.
    pub largest_asymmetry: Option<Asymmetry>,
}

impl RoundTripReport {
    /// What was made of the measurements, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![format!(
            "one-way latencies are half of the measured round trips: {} pairs measured in both directions, {} in one",
            self.both_directions, self.one_direction
        )];
        if self.by_path > 0 {
            sentences.push(format!("{} pairs that were not measured are as long as the shortest path", self.by_path));
        }
        if self.diagonal_ignored > 0 {
            sentences.push(format!("{} times from a site to itself were not read", self.diagonal_ignored));
        }
        if let Some(Asymmetry { forward, back, .. }) = self.largest_asymmetry {
            sentences
                .push(format!("the two directions of a pair differ by up to {} ms", shown((forward - back).abs())));
        }
        sentences
    }
}

impl Sites {
    /// One-way latencies from measured round trips in milliseconds, row by row, `None` where nothing was measured.
    ///
    /// ```text
    /// one way = (R_ij + R_ji)/4              both directions measured
    ///         = R_ij/2 or R_ji/2             one of them
    ///         = the shortest path            none: over all pairs of the kinds above
    /// ```
    ///
    /// The diagonal is 0 whatever was measured there. Half of a round trip is the one-way latency if both ways take the same
    /// time; no measurement without a common clock tells more.
    ///
    /// # Errors
    /// [`Error::Domain`] for names as in [`Sites::new`], a matrix that is not square, a value that is not finite, below 0 or
    /// above [`LARGEST_LATENCY`], and a pair that no path of measured pairs connects.
    ///
    /// ```
    /// use pooltree::network::Sites;
    /// let names = ["a", "b", "c"].map(String::from).to_vec();
    /// let (no, ms) = (None, Some);
    /// // a-b both ways, b-c one way, a-c not at all.
    /// let (sites, report) = Sites::from_round_trips(names, &[no, ms(10.0), no, ms(14.0), no, no, no, ms(8.0), no])?;
    /// assert_eq!(sites.row(0), [0.0, 6.0, 10.0]);
    /// assert_eq!((report.both_directions, report.one_direction, report.by_path), (1, 1, 1));
    /// assert_eq!(report.largest_asymmetry.map(|pair| pair.back - pair.forward), Some(4.0));
    /// # Ok::<(), pooltree::Error>(())
    /// ```
    pub fn from_round_trips(names: Vec<String>, round_trips: &[Option<f64>]) -> Result<(Self, RoundTripReport)> {
        check_names(&names)?;
        let n = names.len();
        if round_trips.len() != n * n {
            return Err(Error::domain(
                "round_trips",
                format!("({} values)", round_trips.len()),
                format!("{} values, {n} rows of {n}", n * n),
            ));
        }
        if let Some((at, value)) =
            round_trips.iter().enumerate().find_map(|(at, value)| value.filter(|&v| !is_latency(v)).map(|v| (at, v)))
        {
            return Err(Error::domain(format!("round_trips.{}.{}", at / n, at % n), shown(value), allowed()));
        }
        let (mut one_way, mut report) = halves(n, round_trips);
        let filled = paths(n, &one_way);
        report.by_path = filled.len();
        for (i, j, latency) in filled {
            if !latency.is_finite() {
                return Err(Error::domain(
                    format!("round_trips.{i}.{j}"),
                    format!("(not measured, no path from {} to {})", names[i], names[j]),
                    "measured, or connected by pairs that are",
                ));
            }
            if latency > LARGEST_LATENCY {
                let allowed = format!("at most {}", shown(LARGEST_LATENCY));
                return Err(Error::domain(
                    format!("round_trips.{i}.{j}"),
                    format!("(by a path: {})", shown(latency)),
                    allowed,
                ));
            }
            one_way[i * n + j] = latency;
            one_way[j * n + i] = latency;
        }
        Ok((Self::new(names, one_way)?, report))
    }
}

/// What a round trip may be.
pub(super) fn allowed() -> String {
    format!("a number of milliseconds, finite, at least 0 and at most {}", shown(LARGEST_LATENCY))
}

/// One-way latencies of the pairs that were measured, infinite for the others, and the report without the paths.
fn halves(n: usize, round_trips: &[Option<f64>]) -> (Vec<f64>, RoundTripReport) {
    let mut one_way = vec![0.0; n * n];
    let mut report = RoundTripReport {
        sites: n,
        both_directions: 0,
        one_direction: 0,
        by_path: 0,
        diagonal_ignored: 0,
        largest_asymmetry: None,
    };
    let mut largest = 0.0;
    for i in 0..n {
        report.diagonal_ignored += usize::from(round_trips[i * n + i].is_some_and(|value| value != 0.0));
        for j in i + 1..n {
            let half = match (round_trips[i * n + j], round_trips[j * n + i]) {
                (Some(forward), Some(back)) => {
                    report.both_directions += 1;
                    if (forward - back).abs() > largest {
                        largest = (forward - back).abs();
                        report.largest_asymmetry = Some(Asymmetry { from: i, to: j, forward, back });
                    }
                    f64::midpoint(forward, back) / 2.0
                }
                (Some(one), None) | (None, Some(one)) => {
                    report.one_direction += 1;
                    one / 2.0
                }
                (None, None) => f64::INFINITY,
            };
            // 0 also from -0.
            one_way[i * n + j] = half + 0.0;
            one_way[j * n + i] = half + 0.0;
        }
    }
    (one_way, report)
}

/// Every pair `i < j` without a latency, and the shortest path over those with one (infinite: there is none). By the
/// algorithm of E. W. Dijkstra (1959) without a heap, since nearly all pairs are edges.
fn paths(n: usize, one_way: &[f64]) -> Vec<(usize, usize, f64)> {
    let holes = |i: usize| (i + 1..n).filter(move |j| one_way[i * n + j].is_infinite());
    let from = |i: usize| {
        let mut left = holes(i).count();
        let mut length = if left == 0 { Vec::new() } else { one_way[i * n..(i + 1) * n].to_vec() };
        let mut open: Vec<usize> = (0..n).filter(|&j| j != i).collect();
        while left > 0 {
            let Some((at, &nearest)) = open.iter().enumerate().min_by(|a, b| length[*a.1].total_cmp(&length[*b.1]))
            else {
                break;
            };
            if length[nearest].is_infinite() {
                break;
            }
            open.swap_remove(at);
            left -= usize::from(nearest > i && one_way[i * n + nearest].is_infinite());
            let row = &one_way[nearest * n..(nearest + 1) * n];
            let own = length[nearest];
            open.iter().for_each(|&j| length[j] = length[j].min(own + row[j]));
        }
        holes(i).map(|j| (i, j, length[j])).collect::<Vec<_>>()
    };
    (0..n).into_par_iter().flat_map_iter(from).collect()
}
