//! Deterministic rules.

/// One for the greatest score; of several with it the one of the smallest rank, or each alike.
pub(super) fn winner(scores: &[f64], ranks: Option<&[usize]>) -> Vec<f64> {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let tied = || (0..scores.len()).filter(|&i| scores[i] == greatest);
    let mut law = vec![0.0; scores.len()];
    match ranks {
        None => {
            let share = (tied().count() as f64).recip();
            tied().for_each(|i| law[i] = share);
        }
        Some(ranks) => {
            if let Some(first) = tied().min_by_key(|&i| ranks[i]) {
                law[first] = 1.0;
            }
        }
    }
    law
}
