//! Names in the order in which a person counts them.

use std::cmp::Ordering;

/// The names in natural order, and the place of each there.
pub(super) fn order(names: &[String]) -> (Vec<String>, Vec<usize>) {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| compare(&names[a], &names[b]));
    let mut places = vec![0; names.len()];
    for (place, &i) in order.iter().enumerate() {
        places[i] = place;
    }
    (order.iter().map(|&i| names[i].clone()).collect(), places)
}

/// Runs of digits by their numbers, everything else byte by byte; names that are equal then, such as `1` and `01`, as they are.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (runs(a), runs(b));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (number(x), number(y)) {
                (Some(x), Some(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
                _ => x.cmp(y),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn runs(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
}

/// Digits without zeros in front.
fn number(run: &[u8]) -> Option<&[u8]> {
    let significant = run.iter().position(|&digit| digit != b'0').unwrap_or(run.len());
    if run.first().is_some_and(u8::is_ascii_digit) { run.get(significant..) } else { None }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_count_as_numbers() {
        let given = ["n10", "n2", "b", "n2a", "10", "9", "01", "1", "n", ""];
        let (names, places) = super::order(&given.map(String::from));
        assert_eq!(names, ["", "01", "1", "9", "10", "b", "n", "n2", "n2a", "n10"]);
        assert_eq!(places, [9, 7, 5, 8, 4, 3, 1, 2, 6, 0]);
    }
}
