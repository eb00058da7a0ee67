//! One division of a pool into parts of even size: starts, and exchanges that make the sum of latencies smaller.

use super::Sites;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Latencies between the members of a pool, by their index in it.
pub(super) struct Distances {
    m: usize,
    rows: Vec<f64>,
}

impl Distances {
    pub(super) fn new(sites: &Sites, pool: &[usize]) -> Self {
        let row = |&a: &usize| {
            let row = sites.row(a);
            pool.iter().map(|&b| row[b])
        };
        Self { m: pool.len(), rows: pool.iter().flat_map(row).collect() }
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.rows[i * self.m..(i + 1) * self.m]
    }

    /// Among some members the one for which the number is largest, the first among equals.
    fn largest(members: impl Iterator<Item = usize>, of: impl Fn(usize) -> f64) -> usize {
        members.fold((f64::NEG_INFINITY, 0), |best, i| if of(i) > best.0 { (of(i), i) } else { best }).1
    }

    /// The member whose farthest is the farthest: an end of the pool.
    fn end(&self) -> usize {
        Self::largest(0..self.m, |i| self.row(i).iter().copied().fold(0.0, f64::max))
    }
}

/// Starts that are made by lot, for pools of `m`: many where they cost nothing.
fn lots(m: usize) -> usize {
    (4096 / m).clamp(5, 61)
}

/// Part in `0..count` of every member, sizes differing by at most one; `2 ≤ count < m`.
pub(super) fn partition(distances: &Distances, count: usize) -> Vec<usize> {
    let m = distances.m;
    let mut rng = ChaCha8Rng::seed_from_u64(m as u64);
    let mut starts = vec![in_turn(&by_distance(distances), count), in_turn(&chain(distances), count)];
    starts.push(around_seeds(distances, count));
    let mut members: Vec<usize> = (0..m).collect();
    for _ in 0..lots(m) {
        members.shuffle(&mut rng);
        starts.push(in_turn(&members, count));
    }
    let improved = |start| {
        let mut division = Division::new(distances, start, count);
        division.improve();
        (division.sum(), division.part)
    };
    let all: Vec<(f64, Vec<usize>)> = starts.into_par_iter().map(improved).collect();
    all.into_iter().reduce(|best, next| if next.0 < best.0 { next } else { best }).map_or_else(Vec::new, |best| best.1)
}

/// Sizes of the parts, the larger ones first.
fn sizes(m: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |part| m / count + usize::from(part < m % count))
}

/// The first members to the first part, and so on.
fn in_turn(order: &[usize], count: usize) -> Vec<usize> {
    let mut part_of = vec![0; order.len()];
    let parts = sizes(order.len(), count).enumerate().flat_map(|(part, size)| std::iter::repeat_n(part, size));
    order.iter().zip(parts).for_each(|(&member, part)| part_of[member] = part);
    part_of
}

/// By the latency from one end.
fn by_distance(distances: &Distances) -> Vec<usize> {
    let row = distances.row(distances.end());
    let mut order: Vec<usize> = (0..distances.m).collect();
    order.sort_by(|&a, &b| row[a].total_cmp(&row[b]));
    order
}

/// From one end always on to the nearest that is left.
fn chain(distances: &Distances) -> Vec<usize> {
    let mut left: Vec<usize> = (0..distances.m).collect();
    let mut order = vec![left.remove(distances.end())];
    while let Some(&last) = order.last() {
        let row = distances.row(last);
        let nearest = left.iter().enumerate().min_by(|a, b| row[*a.1].total_cmp(&row[*b.1]));
        let Some((at, _)) = nearest else { break };
        order.push(left.remove(at));
    }
    order
}

/// Seeds far from each other (T. F. Gonzalez 1985), then the pairs of member and seed from the nearest on, as long as there
/// is room.
fn around_seeds(distances: &Distances, count: usize) -> Vec<usize> {
    let m = distances.m;
    let mut seeds = vec![distances.end()];
    let mut to_seed = distances.row(seeds[0]).to_vec();
    to_seed[seeds[0]] = -1.0;
    while seeds.len() < count {
        let seed = Distances::largest(0..m, |i| to_seed[i]);
        to_seed.iter_mut().zip(distances.row(seed)).for_each(|(own, new)| *own = own.min(*new));
        to_seed[seed] = -1.0; // not again, even among sites at one place
        seeds.push(seed);
    }
    let mut pairs: Vec<(usize, usize)> = (0..m).flat_map(|i| (0..count).map(move |part| (i, part))).collect();
    pairs.sort_by(|a, b| distances.row(seeds[a.1])[a.0].total_cmp(&distances.row(seeds[b.1])[b.0]));
    let mut part_of = vec![usize::MAX; m];
    let mut size = vec![0; count];
    let (least, mut larger) = (m / count, m % count);
    for (i, part) in pairs {
        let room = size[part] < least || (size[part] == least && larger > 0);
        if part_of[i] == usize::MAX && room {
            larger -= usize::from(size[part] == least);
            size[part] += 1;
            part_of[i] = part;
        }
    }
    part_of
}

/// A division while it is improved.
struct Division<'a> {
    distances: &'a Distances,
    count: usize,
    part: Vec<usize>,
    size: Vec<usize>,
    /// Sum of the latencies from every member to the members of every part, member by member.
    to: Vec<f64>,
}

impl<'a> Division<'a> {
    fn new(distances: &'a Distances, part: Vec<usize>, count: usize) -> Self {
        let m = distances.m;
        let mut size = vec![0; count];
        part.iter().for_each(|&part| size[part] += 1);
        let mut to = vec![0.0; m * count];
        for (i, to) in to.chunks_exact_mut(count).enumerate() {
            part.iter().zip(distances.row(i)).for_each(|(&part, latency)| to[part] += latency);
        }
        Self { distances, count, part, size, to }
    }

    fn to(&self, i: usize) -> &[f64] {
        &self.to[i * self.count..(i + 1) * self.count]
    }

    /// Sum of the latencies between members of the same part.
    fn sum(&self) -> f64 {
        (0..self.part.len()).map(|i| self.to(i)[self.part[i]]).sum::<f64>() / 2.0
    }

    /// For every member in turn the exchange with another, or the move to a smaller part, that makes the sum smallest, until
    /// nothing helps. Less than rounding does not count, so that it ends.
    fn improve(&mut self) {
        let least = 1e-12 * self.to.iter().copied().fold(0.0, f64::max);
        loop {
            let mut helped = false;
            for i in 0..self.part.len() {
                let (exchange, j) = self.best_exchange(i);
                let (single, part) = self.best_move(i);
                if exchange.min(single) < -least {
                    helped = true;
                    if exchange <= single {
                        let (a, b) = (self.part[i], self.part[j]);
                        self.put(i, b);
                        self.put(j, a);
                    } else {
                        self.put(i, part);
                    }
                }
            }
            if !helped {
                break;
            }
        }
    }

    /// Change of the sum by the best exchange of `i` with a member of another part, and that member.
    fn best_exchange(&self, i: usize) -> (f64, usize) {
        let (a, own, row) = (self.part[i], self.to(i), self.distances.row(i));
        let mut best = (f64::INFINITY, i);
        for (j, to) in self.to.chunks_exact(self.count).enumerate() {
            let b = self.part[j];
            // The latency between the two is in `own[b]` and in `to[a]`, and stays between parts.
            let change = (own[b] - own[a]) + (to[a] - to[b]) - 2.0 * row[j];
            if b != a && change < best.0 {
                best = (change, j);
            }
        }
        best
    }

    /// Change of the sum by the best move of `i` to a part that is smaller by one, and that part.
    fn best_move(&self, i: usize) -> (f64, usize) {
        let (a, own) = (self.part[i], self.to(i));
        let mut best = (f64::INFINITY, a);
        for (part, &size) in self.size.iter().enumerate() {
            if size < self.size[a] && own[part] - own[a] < best.0 {
                best = (own[part] - own[a], part);
            }
        }
        best
    }

    fn put(&mut self, i: usize, part: usize) {
        let from = std::mem::replace(&mut self.part[i], part);
        self.size[from] -= 1;
        self.size[part] += 1;
        for (to, latency) in self.to.chunks_exact_mut(self.count).zip(self.distances.row(i)) {
            to[from] -= latency;
            to[part] += latency;
        }
    }
}
