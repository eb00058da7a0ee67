//! What a key of a scenario means, in words, with its unit.

/// The title of an axis along which a key changes: its meaning and unit; the key itself where it has no words here.
///
/// Elements of arrays are counted from 0, as in the key.
pub(super) fn title(key: &str) -> String {
    let parts: Vec<&str> = key.split('.').collect();
    let (words, unit) = match parts.as_slice() {
        ["tree", "arity"] => ("arity of the tree", "children of a pool"),
        ["tree", "depth"] => ("depth of the tree", "height of the root"),
        ["tree", "operators"] => ("number of operators", ""),
        ["flow", "rate"] => ("order flow", "orders per unit time"),
        ["flow", "assets"] => ("number of assets", ""),
        ["flow", "components", i, key] => return component(i, key),
        ["timing", "latency", "scale"] => ("scale of the consensus latency", "units of time"),
        ["timing", "latency", "exponent"] => ("exponent of the consensus latency", ""),
        ["timing", "latency", "spacing"] => ("latency between neighbours on the ring", "units of time"),
        ["timing", "latency", "quorum"] => ("quorum", "share of the pool"),
        ["timing", "latency", "values", h] => return format!("consensus latency at height {h} (units of time)"),
        ["timing", "period", "base"] => ("batch period at height 0", "units of time"),
        ["timing", "period", "ratio"] => ("ratio of batch periods", "of a pool to its child's"),
        ["timing", "period", "values", h] => return format!("batch period at height {h} (units of time)"),
        ["timing", "solving"] => ("solving time of an auction", "units of time"),
        ["discount", "factor"] => ("discount factor", "per unit time"),
        ["discount", "rate"] => ("discount rate", "per unit time"),
        ["discount", "half_life"] => ("half-life of utility", "units of time"),
        ["utility", "mean"] => ("mean utility of a filled order", "units of utility"),
        ["cost", "per_message"] => ("cost of a message", "units of utility"),
        ["sites", "fibre"] => ("speed of signals", "share of the speed of light"),
        ["sites", "overhead"] => ("overhead between two sites", "milliseconds"),
        ["keepers", rest @ ..] => return keepers(key, rest),
        _ => return key.to_owned(),
    };
    with_unit(words, unit)
}

fn with_unit(words: &str, unit: &str) -> String {
    if unit.is_empty() { words.to_owned() } else { format!("{words} ({unit})") }
}

fn component(i: &str, key: &str) -> String {
    match key {
        "share" => format!("share of component {i} (of all orders)"),
        "side_share" => format!("share of the first side (of the orders of component {i})"),
        "exponent" => format!("locality exponent of component {i}"),
        "height" => format!("meeting height of component {i}"),
        "distance" => format!("distance of counterparts of component {i} (operators)"),
        _ => format!("flow.components.{i}.{key}"),
    }
}

fn keepers(key: &str, rest: &[&str]) -> String {
    let (own, of) = match rest {
        [own] => (*own, String::new()),
        ["heights", i, own] => (*own, format!(" of entry {i}")),
        ["list", i, own] => (*own, format!(" of keeper {i}")),
        _ => return key.to_owned(),
    };
    let (words, unit) = match own {
        "min_stake" => ("least stake", "units of stake"),
        "agent_min_stake" => ("least stake of the agent", "units of stake"),
        "failure_delay" => ("delay of a failure", "units of time"),
        "deadline" => ("deadline of an auction", "units of time"),
        "power" => ("exponent of the stake", ""),
        "tau" => ("scale of the noise", ""),
        "lambda" => ("worth of ping", "bid per unit time"),
        "epsilon" => ("share of uniform selection", ""),
        "value" => ("value of executing", "units of value"),
        "loser_fixed" => ("fixed cost of a revert", "units of value"),
        "loser_share" => ("gas of a revert", "share of that of a success"),
        "reserve" => ("least bid", "units of value"),
        "stake" => ("stake", "units of stake"),
        "bid" => ("bid", "units of value"),
        "cost" => ("cost", "units of value"),
        "ping" => ("ping", "units of time"),
        "picked" => ("times picked", ""),
        "succeeded" => ("times succeeded", ""),
        _ => return key.to_owned(),
    };
    with_unit(&format!("{words}{of}"), unit)
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn keys_have_words() {
        for (key, words) in [
            ("flow.rate", "order flow (orders per unit time)"),
            ("discount.half_life", "half-life of utility (units of time)"),
            ("flow.components.1.exponent", "locality exponent of component 1"),
            ("keepers.list.3.ping", "ping of keeper 3 (units of time)"),
            ("keepers.deadline", "deadline of an auction (units of time)"),
            ("timing.period.values.2", "batch period at height 2 (units of time)"),
            ("keepers.job", "keepers.job"),
            ("no.such.key", "no.such.key"),
        ] {
            assert_eq!(title(key), words);
        }
    }
}
