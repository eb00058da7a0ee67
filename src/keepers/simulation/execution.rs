//! Attempts, one by one.

use super::select;
use crate::error::{Error, Result};
use crate::keepers::model::{Attempts, Contest, Executor, Mechanism, Noise, Retry};
use crate::kernels::draws::exponential;
use crate::kernels::elementary::ln;
use rand::{Rng, RngExt};

/// Most attempts at one task.
const MOST_ATTEMPTS: u32 = 100_000_000;

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// When the attempts ended, in units of time from the start: with the execution, when nobody was left or nobody was
    /// selected, or at the deadline. Infinite where attempts that cannot succeed go on for ever.
    pub time: f64,
    /// Whether it was executed, by the deadline if there is one.
    pub executed: bool,
    /// How many attempts were begun; those that cannot succeed and go on for ever count once.
    pub attempts: u32,
    /// The entrant who executed it, as a place in the contest.
    pub by: Option<usize>,
}

/// How the order of those who have not failed is drawn where the failed are excluded.
#[derive(Debug, Clone)]
enum Queue {
    /// One class after the other, within a class everybody alike.
    Classes(Vec<Vec<usize>>),
    /// The largest `mark - scale ln E`, `E` standard exponential: Fréchet or Gumbel noise, or a race of exponential times of
    /// which the first arrives. Who is left when the first is gone is in the same race: times have no memory.
    Largest { marks: Vec<(usize, f64)>, scale: f64 },
    /// The rule is drawn again among the others.
    Again,
}

/// Attempts at a task by keepers that a contest selects, drawn as they happen.
///
/// Each attempt is drawn: who makes it, by the contest's mechanism, and whether it succeeds. Where failed keepers are
/// excluded, a deterministic order is made once, everybody alike is a shuffle as far as needed, and weights are one race;
/// other rules are drawn again among those who are left.
///
/// ```
/// use pooltree::keepers::{Attempts, Contest, Keeper, Keepers, Rule, Task, model::Executor};
/// use pooltree::keepers::simulation::execution::Execution;
/// use rand::SeedableRng;
/// let keepers = Keepers::new(vec![Keeper::new("a"), Keeper::new("b")])?;
/// let contest = Contest::new(&keepers, &Rule::uniform(), &Task::default())?;
/// let executors = [Executor { reliability: 0.0, ping: 1.0 }, Executor { reliability: 1.0, ping: 2.0 }];
/// let attempts = Attempts { failure_delay: 0.5, ..Attempts::default() };
/// let mut execution = Execution::new(&contest, &executors, &attempts)?;
/// let outcome = execution.draw(&mut rand_chacha::ChaCha8Rng::seed_from_u64(1))?;
/// assert_eq!(outcome.by, Some(1));
/// assert_eq!(outcome.time, if outcome.attempts == 1 { 2.0 } else { 1.5 + 2.0 });
/// # Ok::<(), pooltree::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Execution {
    contest: Contest,
    executors: Vec<Executor>,
    attempts: Attempts,
    queue: Queue,
    /// Who may come first.
    first: Vec<usize>,
    /// Those who have not failed, and their noisy marks.
    left: Vec<(usize, f64)>,
}

impl Execution {
    /// The keepers' attempts; one executor for each entrant, in their order.
    ///
    /// # Errors
    /// [`Error::Domain`] for times, reliabilities or a number of executors out of range, [`Error::NotFinite`] where times
    /// overflow.
    pub fn new(contest: &Contest, executors: &[Executor], attempts: &Attempts) -> Result<Self> {
        attempts.check_with(contest.len(), executors)?;
        Ok(Self {
            contest: contest.clone(),
            executors: executors.to_vec(),
            attempts: *attempts,
            queue: queue(contest),
            first: first(contest),
            left: Vec::with_capacity(contest.len()),
        })
    }

    /// The same attempts, the rule being drawn again after every failure whatever the rule: slower, the same law.
    #[must_use]
    pub fn one_by_one(self) -> Self {
        Self { queue: Queue::Again, ..self }
    }

    /// Draws the attempts at one task.
    ///
    /// # Errors
    /// [`Error::OutOfReach`] after a hundred million attempts.
    pub fn draw<R: Rng + ?Sized>(&mut self, rng: &mut R) -> Result<Outcome> {
        let chances: Vec<f64> = self.executors.iter().map(|executor| executor.reliability).collect();
        self.draw_with(rng, |i| chances[i] > 0.0, |i, rng| rng.random::<f64>() < chances[i])
    }

    /// Draws the attempts at one task, whose success is given by the caller: a keeper that is down may then fail in all its
    /// pools at once.
    ///
    /// `able(i)` says whether entrant `i` may ever succeed in this task, `succeeds(i, rng)` whether its present attempt does;
    /// reliabilities of the executors are not read.
    ///
    /// # Errors
    /// As [`Execution::draw`].
    pub fn draw_with<R: Rng + ?Sized>(
        &mut self,
        rng: &mut R,
        able: impl Fn(usize) -> bool,
        succeeds: impl FnMut(usize, &mut R) -> bool,
    ) -> Result<Outcome> {
        self.draw_by(rng, select, able, succeeds)
    }

    /// The same with another way to draw a selection.
    ///
    /// # Errors
    /// As [`Execution::draw`].
    pub fn draw_by<R: Rng + ?Sized>(
        &mut self,
        rng: &mut R,
        mut select: impl FnMut(&Contest, &mut R) -> Option<usize>,
        able: impl Fn(usize) -> bool,
        mut succeeds: impl FnMut(usize, &mut R) -> bool,
    ) -> Result<Outcome> {
        let mut course = Course { attempts: &self.attempts, executors: &self.executors, elapsed: 0.0, begun: 0 };
        match self.attempts.retry {
            Retry::Same => {
                let Some(i) = select(&self.contest, rng) else { return Ok(course.ended()) };
                if !able(i) && course.for_ever(&[i]) {
                    course.begun = 1;
                    return Ok(course.never());
                }
                loop {
                    if let Some(outcome) = course.attempt(i, rng, &mut succeeds)? {
                        return Ok(outcome);
                    }
                }
            }
            Retry::Redraw => {
                if !self.first.is_empty() && !self.first.iter().any(|&i| able(i)) && course.for_ever(&self.first) {
                    course.begun = 1;
                    return Ok(course.never());
                }
                while let Some(i) = select(&self.contest, rng) {
                    if let Some(outcome) = course.attempt(i, rng, &mut succeeds)? {
                        return Ok(outcome);
                    }
                }
                Ok(course.ended())
            }
            Retry::Exclude => {
                match &self.queue {
                    Queue::Classes(classes) => {
                        for class in classes {
                            self.left.clear();
                            self.left.extend(class.iter().map(|&i| (i, 0.0)));
                            while !self.left.is_empty() {
                                let (i, _) = self.left.swap_remove(rng.random_range(0..self.left.len()));
                                if let Some(outcome) = course.attempt(i, rng, &mut succeeds)? {
                                    return Ok(outcome);
                                }
                            }
                        }
                    }
                    Queue::Largest { marks, scale } => {
                        self.left.clear();
                        for &(i, mark) in marks {
                            // Exponential variates may be 0; the smallest number stands for them.
                            let time = exponential(rng).max(f64::MIN_POSITIVE);
                            self.left.push((i, mark - scale * ln(time)));
                        }
                        while let Some((place, _)) =
                            self.left.iter().enumerate().max_by(|(_, a), (_, b)| a.1.total_cmp(&b.1))
                        {
                            let (i, _) = self.left.swap_remove(place);
                            if let Some(outcome) = course.attempt(i, rng, &mut succeeds)? {
                                return Ok(outcome);
                            }
                        }
                    }
                    Queue::Again => {
                        let mut rest = self.contest.clone();
                        while let Some(k) = select(&rest, rng) {
                            // Places change as others leave; the index in the file does not.
                            let keeper = rest.entrants()[k];
                            let Some(i) = self.contest.entrants().iter().position(|&other| other == keeper) else {
                                break;
                            };
                            if let Some(outcome) = course.attempt(i, rng, &mut succeeds)? {
                                return Ok(outcome);
                            }
                            rest = rest.without(k);
                        }
                    }
                }
                Ok(course.ended())
            }
        }
    }
}

/// Draws the attempts at one task once; for many tasks keep an [`Execution`].
///
/// # Errors
/// As [`Execution::new`] and [`Execution::draw`].
///
/// ```
/// use pooltree::keepers::{Attempts, Contest, Keeper, Keepers, Rule, Task, model::Executor};
/// use pooltree::keepers::simulation::execution::execute;
/// use rand::SeedableRng;
/// let keepers = Keepers::new(vec![Keeper::new("a")])?;
/// let contest = Contest::new(&keepers, &Rule::uniform(), &Task::default())?;
/// let sure = Executor { reliability: 1.0, ping: 2.0 };
/// let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// let outcome = execute(&contest, &[sure], &Attempts::default(), &mut rng)?;
/// assert_eq!((outcome.executed, outcome.time), (true, 2.0));
/// # Ok::<(), pooltree::Error>(())
/// ```
pub fn execute<R: Rng + ?Sized>(
    contest: &Contest,
    executors: &[Executor],
    attempts: &Attempts,
    rng: &mut R,
) -> Result<Outcome> {
    Execution::new(contest, executors, attempts)?.draw(rng)
}

/// How far one task's attempts have come.
struct Course<'e> {
    attempts: &'e Attempts,
    executors: &'e [Executor],
    elapsed: f64,
    begun: u32,
}

impl Course<'_> {
    /// One attempt of entrant `i`; the outcome if it is the last one.
    fn attempt<R: Rng + ?Sized>(
        &mut self,
        i: usize,
        rng: &mut R,
        succeeds: &mut impl FnMut(usize, &mut R) -> bool,
    ) -> Result<Option<Outcome>> {
        if self.begun == MOST_ATTEMPTS {
            let reason = format!("more than {MOST_ATTEMPTS} attempts at one task; a deadline would end them");
            return Err(Error::OutOfReach { reason });
        }
        if !self.attempts.in_time(self.elapsed) {
            return Ok(Some(self.ended()));
        }
        self.begun += 1;
        let done = self.elapsed + self.executors[i].ping;
        if !self.attempts.in_time(done) {
            self.elapsed = f64::INFINITY; // it is still at it when the deadline comes
            return Ok(Some(self.ended()));
        }
        if succeeds(i, rng) {
            return Ok(Some(Outcome { time: done, executed: true, attempts: self.begun, by: Some(i) }));
        }
        self.elapsed += self.attempts.lost(&self.executors[i]);
        Ok(None)
    }

    /// Not executed, and nobody tries any more.
    fn ended(&self) -> Outcome {
        let time = self.attempts.deadline.map_or(self.elapsed, |deadline| self.elapsed.min(deadline));
        Outcome { time, executed: false, attempts: self.begun, by: None }
    }

    /// Not executed, however often they try.
    fn never(&self) -> Outcome {
        Outcome { time: self.attempts.deadline.unwrap_or(f64::INFINITY), ..self.ended() }
    }

    /// Whether failures of these keepers never come to an end.
    fn for_ever(&self, keepers: &[usize]) -> bool {
        self.attempts.deadline.is_none() || keepers.iter().all(|&i| self.attempts.lost(&self.executors[i]) == 0.0)
    }
}

fn queue(contest: &Contest) -> Queue {
    let marked = |marks: &[f64], scale: f64| {
        let marks = marks.iter().copied().enumerate().filter(|(_, mark)| *mark > f64::NEG_INFINITY);
        Queue::Largest { marks: marks.collect(), scale }
    };
    match contest.mechanism() {
        Mechanism::Best { scores, ranks } => {
            let mut order: Vec<usize> = (0..scores.len()).collect();
            order.sort_by_key(|&i| ranks.as_ref().map_or(i, |ranks| ranks[i]));
            order.sort_by(|&a, &b| (scores[b] + 0.0).total_cmp(&(scores[a] + 0.0))); // stable; -0 is 0
            let tied = |&a: &usize, &b: &usize| ranks.is_none() && scores[a] == scores[b];
            Queue::Classes(order.chunk_by(tied).map(<[usize]>::to_vec).collect())
        }
        Mechanism::Uniform { .. } => Queue::Classes(vec![(0..contest.len()).collect()]),
        Mechanism::Weighted { log_weights } => marked(log_weights, 1.0),
        Mechanism::Gumbel { utilities, temperature } => marked(utilities, *temperature),
        Mechanism::Noise { scores, noise: Noise::Frechet } => {
            marked(&scores.iter().map(|&score| ln(score)).collect::<Vec<_>>(), 1.0)
        }
        _ => Queue::Again,
    }
}

/// Who may be selected while all are there.
fn first(contest: &Contest) -> Vec<usize> {
    let those = |accept: &dyn Fn(usize) -> bool| (0..contest.len()).filter(|&i| accept(i)).collect();
    match (contest.mechanism(), queue(contest)) {
        (_, Queue::Classes(mut classes)) => {
            if classes.is_empty() {
                Vec::new()
            } else {
                classes.swap_remove(0)
            }
        }
        (_, Queue::Largest { marks, .. }) => marks.into_iter().map(|(i, _)| i).collect(),
        (Mechanism::Noise { scores, .. }, _) => those(&|i| scores[i] > 0.0),
        (Mechanism::Mixture { log_weights, epsilon }, _) if *epsilon == 0.0 => {
            let weighted: Vec<usize> = those(&|i| log_weights[i] > f64::NEG_INFINITY);
            if weighted.is_empty() { those(&|_| true) } else { weighted }
        }
        (Mechanism::Probe(ring), _) if ring.stakes().iter().any(|&stake| stake >= ring.required()) => {
            those(&|i| ring.stakes()[i] >= ring.required())
        }
        (Mechanism::Probe(ring), _) => {
            let largest = ring.stakes().iter().copied().fold(f64::NEG_INFINITY, f64::max);
            those(&|i| ring.stakes()[i] == largest && largest > ring.agent_minimum())
        }
        _ => those(&|_| true),
    }
}
