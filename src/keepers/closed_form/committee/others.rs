//! How many of the others come first: the Poisson-binomial law with one or two left out.
//!
//! Dividing a factor out of the law of all subtracts; here the law is built without it instead, by halving: the factors of
//! one half are multiplied in before the other half is entered. All terms are positive, so that every probability, however
//! small, is right to a few roundings per factor. `n` laws of `m` terms cost `n m log n`.

/// Probabilities that each comes first, and that it does not; both are given so that neither is rounded against 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chances<'c> {
    pub(super) before: &'c [f64],
    pub(super) after: &'c [f64],
}

impl Chances<'_> {
    /// The law of the number of those in `members` that come first, up to `terms - 1`.
    pub(super) fn law(self, members: &[usize], terms: usize) -> Vec<f64> {
        let mut law = vec![0.0; terms];
        if let Some(none) = law.first_mut() {
            *none = 1.0;
        }
        self.multiply(&mut law, members);
        law
    }

    fn multiply(self, law: &mut [f64], members: &[usize]) {
        for &j in members {
            let (before, after) = (self.before[j], self.after[j]);
            for k in (1..law.len()).rev() {
                law[k] = law[k] * after + law[k - 1] * before;
            }
            if let Some(none) = law.first_mut() {
                *none *= after;
            }
        }
    }

    /// For each of the members the law of the others.
    pub(super) fn without_one(self, law: &[f64], members: &[usize], visit: &mut impl FnMut(usize, &[f64])) {
        if let [one] = members {
            visit(*one, law);
            return;
        }
        let (low, high) = members.split_at(members.len() / 2);
        for (inside, outside) in [(low, high), (high, low)] {
            if !inside.is_empty() {
                let mut law = law.to_vec();
                self.multiply(&mut law, outside);
                self.without_one(&law, inside, visit);
            }
        }
    }

    /// For each pair of members the law of the others.
    pub(super) fn without_two(self, law: &[f64], members: &[usize], visit: &mut impl FnMut(usize, usize, &[f64])) {
        if members.len() < 2 {
            return;
        }
        let (low, high) = members.split_at(members.len() / 2);
        for (inside, outside) in [(low, high), (high, low)] {
            let mut law = law.to_vec();
            self.multiply(&mut law, outside);
            self.without_two(&law, inside, visit);
        }
        self.without_one(law, low, &mut |i, law| {
            self.without_one(law, high, &mut |j, law| visit(i, j, law));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::Chances;

    #[test]
    fn laws_of_three() {
        let (before, after) = ([0.5, 0.25, 0.125], [0.5, 0.75, 0.875]);
        let chances = Chances { before: &before, after: &after };
        let all = [0, 1, 2];
        assert_eq!(chances.law(&all, 4), [21.0 / 64.0, 31.0 / 64.0, 11.0 / 64.0, 1.0 / 64.0]);
        let mut seen = [[0.0; 2]; 3];
        chances.without_one(&chances.law(&[], 2), &all, &mut |i, law| seen[i].copy_from_slice(law));
        assert_eq!(seen, [[21.0 / 32.0, 10.0 / 32.0], [14.0 / 32.0, 16.0 / 32.0], [12.0 / 32.0, 16.0 / 32.0]]);
        let mut pairs = Vec::new();
        chances.without_two(&chances.law(&[], 1), &all, &mut |i, j, law| pairs.push((i, j, law[0])));
        pairs.sort_by(|a, b| a.partial_cmp(b).unwrap());
        assert_eq!(pairs, [(0, 1, 0.875), (0, 2, 0.75), (1, 2, 0.5)]);
    }
}
