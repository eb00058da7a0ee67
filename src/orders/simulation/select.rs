//! Which orders of a side are filled.

use super::bits::Bits;
use super::order::Order;
use crate::orders::Priority;
use std::cmp::Ordering;

/// Moves the `m` preferred orders to the end.
///
/// `exchangeable`: the orders are in no particular order, so that any `m` of them are a random choice.
pub(super) fn prefer(orders: &mut [Order], m: usize, priority: Priority, exchangeable: bool, bits: &mut Bits) {
    let rest = orders.len() - m;
    if m == 0 || rest == 0 {
        return;
    }
    match priority {
        Priority::Random if exchangeable => {}
        Priority::Random if m < rest => {
            for chosen in 0..m {
                let last = orders.len() - 1 - chosen;
                orders.swap(last, bits.below(last as u64 + 1) as usize);
            }
        }
        Priority::Random => {
            for left in 0..rest {
                let among = (orders.len() - left) as u64;
                orders.swap(left, left + bits.below(among) as usize);
            }
        }
        Priority::HighestValue => greatest(orders, rest, |a, b| a.value.total_cmp(&b.value), bits),
        Priority::Oldest => greatest(orders, rest, |a, b| b.arrival.total_cmp(&a.arrival), bits),
        Priority::Newest => greatest(orders, rest, |a, b| a.arrival.total_cmp(&b.arrival), bits),
    }
}

/// Moves all but the `rest < orders.len()` lowest orders to the end; among equals, chance decides and not their position, which
/// tells where and when they arrived.
fn greatest(orders: &mut [Order], rest: usize, by: impl Fn(&Order, &Order) -> Ordering, bits: &mut Bits) {
    let (left, &mut bound, right) = orders.select_nth_unstable_by(rest, &by);
    let equal = |order: &Order| by(order, &bound).is_eq();
    if !left.iter().any(equal) {
        return;
    }
    let mut first = rest;
    for i in (0..rest).rev() {
        if equal(&left[i]) {
            first -= 1;
            left.swap(i, first);
        }
    }
    let mut others = 0;
    for i in 0..right.len() {
        if equal(&right[i]) {
            right.swap(i, others);
            others += 1;
        }
    }
    prefer(&mut orders[first..=rest + others], others + 1, Priority::Random, false, bits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(n: u32) -> Vec<Order> {
        let order = |i: u32| Order {
            arrival: f64::from(i * 7 % n),
            value: f64::from(i * 3 % n),
            deadline: f64::INFINITY,
            operator: i,
            attempts: 0,
        };
        (0..n).map(order).collect()
    }

    #[test]
    fn preferred_orders_come_last() {
        let mut bits = Bits::new(1, 0);
        for m in 0..=11 {
            for (priority, wanted) in [
                (Priority::HighestValue, (11 - m..11).map(f64::from).collect::<Vec<_>>()),
                (Priority::Oldest, (0..m).map(f64::from).collect()),
                (Priority::Newest, (11 - m..11).map(f64::from).collect()),
            ] {
                let mut orders = orders(11);
                prefer(&mut orders, m as usize, priority, false, &mut bits);
                let key = |order: &Order| if priority == Priority::HighestValue { order.value } else { order.arrival };
                let mut chosen: Vec<f64> = orders[(11 - m) as usize..].iter().map(key).collect();
                chosen.sort_by(f64::total_cmp);
                assert_eq!(chosen, wanted);
            }
        }
    }

    /// Equal orders have the same chance, wherever they stand; those above are chosen for sure, those below never.
    #[test]
    fn ties_are_broken_at_random() {
        let mut bits = Bits::new(3, 0);
        let draws = 40_000;
        // Three of the five orders of value 1 are filled, and the two of value 2.
        let values = [1.0, 0.0, 1.0, 2.0, 1.0, 0.0, 2.0, 1.0, 1.0];
        let mut chosen = [0_u32; 9];
        for _ in 0..draws {
            let mut orders = orders(9);
            orders.iter_mut().zip(values).for_each(|(order, value)| order.value = value);
            prefer(&mut orders, 5, Priority::HighestValue, false, &mut bits);
            orders[4..].iter().for_each(|order| chosen[order.operator as usize] += 1);
        }
        for (n, value) in chosen.into_iter().zip(values) {
            let share = [0.0, 0.6, 1.0][value as usize] * f64::from(draws);
            let noise = if value == 1.0 { 6.5 * (share * 0.4).sqrt() } else { 0.0 };
            assert!((f64::from(n) - share).abs() <= noise, "{chosen:?}");
        }
    }

    /// Every order is chosen equally often, and every pair, however many are chosen (χ² far below a one in 1e9 event).
    #[test]
    fn a_random_choice_is_fair() {
        let mut bits = Bits::new(2, 0);
        for m in 1..5_usize {
            let mut pairs = [[0_u32; 5]; 5];
            let draws = 100_000;
            for _ in 0..draws {
                let mut orders = orders(5);
                prefer(&mut orders, m, Priority::Random, false, &mut bits);
                for a in &orders[5 - m..] {
                    for b in &orders[5 - m..] {
                        pairs[a.operator as usize][b.operator as usize] += 1;
                    }
                }
            }
            for (a, row) in pairs.iter().enumerate() {
                for (b, &seen) in row.iter().enumerate() {
                    let share = m as f64 / 5.0 * if a == b { 1.0 } else { (m - 1) as f64 / 4.0 };
                    let wanted = share * f64::from(draws);
                    assert!((f64::from(seen) - wanted).abs() <= 6.5 * (wanted * (1.0 - share)).sqrt());
                }
            }
        }
    }
}
