//! Broken scenarios: every file in `tests/broken` has one mistake, and the answer names it.

use pooltree::compare::{Comparison, Watch};
use pooltree::estimate::{MonteCarlo, Stopping};
use pooltree::orders::compare::Confirmed;
use pooltree::orders::simulation::{OrdersEngine, SimulatedOrders};
use pooltree::pool_tree::Architecture;
use pooltree::pool_tree::simulation::CountsEngine;
use pooltree::{ClosedForm, Scenario};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::process::Command;

/// Keys that mean nothing where they stand: file, key, the keys that do.
///
/// In all tables `…` at the end stands for more.
const UNKNOWN: &[(&str, &str, &str)] = &[
    ("key-misspelt-arrivals", "orders.arrivals.modle", "model, shape, size"),
    ("key-misspelt-kind", "flow.components.0.knd", "distance, operator"),
    ("key-misspelt-law", "orders.value.model", "law, spread, sigma, shape"),
    ("key-misspelt-model", "timing.latency.modle", "quorum, values"),
    ("key-misspelt-proportional", "timing.latency.exponet", "model, scale, exponent"),
    ("key-misspelt-solver", "orders.solver.kind", "model, longest, success"),
    ("key-misspelt-statistic", "timing.latency.statistics", "model, statistic, spacing, quorum"),
    ("key-misspelt-tree", "tree.aritiy", "arity, depth"),
    ("key-outside-sections", "arity", "cost, keepers, orders, monte_carlo"),
    ("key-quorum-with-diameter", "timing.latency.quorum", "model, statistic, spacing"),
    ("key-quorum-with-mean-farthest", "timing.latency.quorum", "model, statistic, spacing"),
    ("key-unknown-back-to-back", "timing.period.base", "model"),
    ("key-unknown-batches", "orders.arrivals.shape", "model, size"),
    ("key-unknown-circle-distance", "flow.components.0.operator", "kind, share, side_share, distance"),
    ("key-unknown-cost", "cost.per_auction", "per_message"),
    ("key-unknown-cycles", "orders.solver.shortest", "model, longest, success"),
    ("key-unknown-discount", "discount.faktor", "factor, rate, half_life"),
    ("key-unknown-exponential", "orders.value.rate", "law"),
    ("key-unknown-flow", "flow.lifetimes", "rate, assets, components"),
    ("key-unknown-gamma", "orders.arrivals.scale", "model, shape"),
    ("key-unknown-latency-table", "timing.latency.unit", "model, values"),
    ("key-unknown-log-normal", "orders.value.shape", "law, sigma"),
    ("key-unknown-meet-at", "flow.components.0.heigth", "kind, share, side_share, height"),
    ("key-unknown-monte-carlo", "monte_carlo.threads", "seed, replications, precision"),
    ("key-unknown-nearby", "flow.components.0.distance", "kind, share, side_share, height"),
    ("key-unknown-opposite", "flow.components.0.height", "share, side_share"),
    ("key-unknown-orders", "orders.lifetimes", "patience_rate, patience_from, windows, warm_up"),
    ("key-unknown-pairs", "orders.solver.longest", "model, success"),
    ("key-unknown-pareto", "orders.value.sigma", "law, shape"),
    ("key-unknown-period-table", "timing.period.ratio", "model, values"),
    ("key-unknown-point", "orders.value.mean", "law"),
    ("key-unknown-poisson", "orders.arrivals.rate", "model"),
    ("key-unknown-proportional", "timing.latency.spacing", "model, scale, exponent"),
    ("key-unknown-ratio", "timing.period.values", "model, base, ratio"),
    ("key-unknown-ring", "timing.latency.scale", "model, statistic, spacing"),
    ("key-unknown-scale-free", "flow.components.0.distance", "kind, share, side_share, exponent"),
    ("key-unknown-single-site", "flow.components.0.exponent", "kind, share, side_share, operator"),
    ("key-unknown-timing", "timing.latencies", "latency, period, delay, solving"),
    ("key-unknown-tree", "tree.operators", "arity, depth"),
    ("key-unknown-uniform", "flow.components.0.height", "share, side_share"),
    ("key-unknown-uniform-value", "orders.value.width", "law, spread"),
    ("key-unknown-unlimited", "orders.solver.longest", "model, success"),
    ("key-unknown-utility", "utility.median", "mean"),
    ("key-very-long", "tree.width_width…", "arity, depth"),
    ("key-with-line-break", "tree.width…", "arity, depth"),
    ("section-misspelt", "trees", "cost, keepers, orders, monte_carlo"),
    ("section-unknown", "network", "cost, keepers, orders, monte_carlo"),
];

/// Keys without which a scenario has no meaning: file, key, what is expected there.
const MISSING: &[(&str, &str, &str)] = &[
    ("comments-only", "tree", "a table with arity and depth"),
    ("empty-file", "tree", "a table with arity and depth"),
    ("missing-arity", "tree.arity", "an integer of at least 2"),
    ("missing-arrivals-model", "orders.arrivals.model", "batches"),
    ("missing-base", "timing.period.base", "finite and above 0"),
    ("missing-batches-size", "orders.arrivals.size", "an integer from 1 to 1000000"),
    ("missing-delay", "timing.delay", "batched"),
    ("missing-depth", "tree.depth", "an integer"),
    ("missing-discount-key", "discount", "exactly one of factor, rate, half_life"),
    ("missing-distance", "flow.components.0.distance", "half the number of operators"),
    ("missing-exponent", "flow.components.0.exponent", "a finite number"),
    ("missing-gamma-shape", "orders.arrivals.shape", "at least 1e-6 and at most 1e12"),
    ("missing-height-meet-at", "flow.components.0.height", "an integer from 0 to the depth"),
    ("missing-height-nearby", "flow.components.0.height", "an integer from 0 to the depth"),
    ("missing-kind", "flow.components.0.kind", "single-site"),
    ("missing-latency-model", "timing.latency.model", "table"),
    ("missing-latency-values", "timing.latency.values", "one number per height"),
    ("missing-latency", "timing.latency", "a table with a model"),
    ("missing-law", "orders.value.law", "log-normal"),
    ("missing-longest", "orders.solver.longest", "an integer of at least 2"),
    ("missing-operator", "flow.components.0.operator", "below the number of operators"),
    ("missing-pareto-shape", "orders.value.shape", "above 1 and at most 1e6"),
    ("missing-patience-rate", "orders.patience_rate", "finite and at least 0"),
    ("missing-period-model", "timing.period.model", "table"),
    ("missing-period-values", "timing.period.values", "one number per height"),
    ("missing-period", "timing.period", "a table with a model"),
    ("missing-quorum-fastest", "timing.latency.quorum", "above 0 and at most 1"),
    ("missing-quorum-random", "timing.latency.quorum", "above 0 and at most 1"),
    ("missing-rate", "flow.rate", "finite and above 0"),
    ("missing-ratio", "timing.period.ratio", "an integer of at least 1"),
    ("missing-scale", "timing.latency.scale", "finite and at least 0"),
    ("missing-section-discount", "discount", "a table with factor, rate or half_life"),
    ("missing-section-flow", "flow", "a table with rate"),
    ("missing-section-timing", "timing", "a table with latency, period and delay"),
    ("missing-section-tree", "tree", "a table with arity and depth"),
    ("missing-sigma", "orders.value.sigma", "at least 0 and at most 5"),
    ("missing-solver-model", "orders.solver.model", "unlimited"),
    ("missing-statistic", "timing.latency.statistic", "fastest-quorum"),
];

/// Values of the wrong type or out of range: file, key, value, what is allowed.
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("arity-0", "tree.arity", "0", "an integer of at least 2"),
    ("arity-1", "tree.arity", "1", "an integer of at least 2"),
    ("arity-beyond-u32", "tree.arity", "4294967296", "at most 4294967295"),
    ("arity-negative", "tree.arity", "-2", "an integer of at least 2"),
    ("assets-1", "flow.assets", "1", "an integer of at least 2"),
    ("assets-beyond-u32", "flow.assets", "4294967296", "at most 4294967295"),
    ("assets-negative", "flow.assets", "-2", "an integer of at least 2"),
    ("base-0", "timing.period.base", "0", "finite and above 0"),
    ("base-nan", "timing.period.base", "NaN", "finite and above 0"),
    ("base-negative", "timing.period.base", "-0.125", "finite and above 0"),
    ("base-overflows-root", "timing.period.base", "1e308", "a smaller value"),
    ("circle-distance-at-depth-0", "flow.components.0.kind", "circle-distance", "another kind at depth 0"),
    ("components-empty", "flow.components", "(shares sum to 0)", "shares that sum to 1"),
    ("cost-inf", "cost.per_message", "inf", "finite and at least 0"),
    ("cost-negative", "cost.per_message", "-0.01", "finite and at least 0"),
    ("depth-beyond-u32", "tree.depth", "4294967296", "to 1023"),
    ("depth-negative", "tree.depth", "-1", "an integer"),
    ("depth-overflows-binary", "tree.depth", "1024", "at most 1023 for arity 2"),
    ("depth-overflows-large-arity", "tree.depth", "33", "at most 32 for arity 4294967295"),
    ("depth-overflows-quaternary", "tree.depth", "512", "at most 511 for arity 4"),
    ("discount-rate-inf", "discount.rate", "inf", "finite and at least 0"),
    ("discount-rate-negative", "discount.rate", "-0.693", "finite and at least 0"),
    ("discount-three-keys", "discount", "(factor and rate and half_life)", "exactly one of factor, rate, half_life"),
    ("discount-two-keys", "discount", "(factor and half_life)", "exactly one of factor, rate, half_life"),
    ("distance-0", "flow.components.0.distance", "0", "an integer from 1 to 4"),
    ("distance-negative", "flow.components.0.distance", "-1", "half the number of operators"),
    ("distance-off-circle", "flow.components.0.distance", "5", "an integer from 1 to 4"),
    ("exponent-nan", "flow.components.0.exponent", "NaN", "finite"),
    ("exponent-negative-inf", "flow.components.0.exponent", "-inf", "finite"),
    ("factor-0", "discount.factor", "0", "above 0 and at most 1"),
    ("factor-above-1", "discount.factor", "1.1", "above 0 and at most 1"),
    ("factor-nan", "discount.factor", "NaN", "above 0 and at most 1"),
    ("factor-negative", "discount.factor", "-0.5", "above 0 and at most 1"),
    ("gamma-shape-0", "orders.arrivals.shape", "0", "at least 1e-6 and at most 1e12"),
    ("gamma-shape-inf", "orders.arrivals.shape", "inf", "at least 1e-6 and at most 1e12"),
    ("gamma-shape-nan", "orders.arrivals.shape", "NaN", "at least 1e-6 and at most 1e12"),
    ("gamma-shape-negative", "orders.arrivals.shape", "-4", "at least 1e-6 and at most 1e12"),
    ("half-life-0", "discount.half_life", "0", "above"),
    ("half-life-negative", "discount.half_life", "-1", "above"),
    ("half-life-too-short", "discount.half_life", "1e-310", "above 1e-308"),
    ("height-above-depth-meet-at", "flow.components.0.height", "4", "an integer from 0 to 3 (tree.depth)"),
    ("height-above-depth-nearby", "flow.components.0.height", "4", "an integer from 0 to 3 (tree.depth)"),
    ("height-beyond-u32", "flow.components.0.height", "4294967297", "an integer from 0 to the depth"),
    ("height-negative", "flow.components.0.height", "-1", "an integer from 0 to the depth"),
    ("latency-exponent-inf", "timing.latency.exponent", "inf", "finite and at least 0"),
    ("latency-exponent-negative", "timing.latency.exponent", "-1", "finite and at least 0"),
    ("latency-exponent-overflows-root", "timing.latency.exponent", "400", "a smaller value"),
    ("latency-table-empty", "timing.latency.values", "(0 values)", "one for each height 0..=3"),
    ("latency-table-long", "timing.latency.values", "(5 values)", "one for each height 0..=3"),
    ("latency-table-nan", "timing.latency.values.1", "NaN", "finite and at least 0"),
    ("latency-table-negative", "timing.latency.values.2", "-0.5", "finite and at least 0"),
    ("latency-table-short", "timing.latency.values", "(3 values)", "one for each height 0..=3"),
    ("lifetime-0", "orders.lifetime", "0", "an integer of at least 1"),
    ("lifetime-and-patience", "orders.patience_rate", "(beside lifetime)", "left out"),
    ("lifetime-and-patience-from", "orders.patience_from", "(beside lifetime)", "left out"),
    ("lifetime-beyond-u32", "orders.lifetime", "4294967296", "at most 4294967295"),
    ("lifetime-negative", "orders.lifetime", "-1", "an integer of at least 1"),
    ("longest-1", "orders.solver.longest", "1", "an integer of at least 2"),
    ("longest-beyond-u32", "orders.solver.longest", "4294967296", "at most 4294967295"),
    ("longest-negative", "orders.solver.longest", "-3", "an integer of at least 2"),
    ("name-arrivals", "orders.arrivals.model", "\"bursts\"", "poisson"),
    ("name-delay", "timing.delay", "\"batch\"", "batched"),
    ("name-kind", "flow.components.0.kind", "\"unifrom\"", "single-site"),
    ("name-kind-case", "flow.components.0.kind", "\"Uniform\"", "single-site"),
    ("name-kind-empty", "flow.components.0.kind", "\"\"", "single-site"),
    ("name-kind-line-break", "flow.components.0.kind", "\"…", "single-site"),
    ("name-kind-unicode", "flow.components.0.kind", "\"gleichförmig 🌲\"", "single-site"),
    ("name-kind-very-long", "flow.components.0.kind", "\"uniformuniform…", "single-site"),
    ("name-latency-model", "timing.latency.model", "\"circle\"", "table"),
    ("name-law", "orders.value.law", "\"lognormal\"", "log-normal"),
    ("name-patience-from", "orders.patience_from", "\"leaf\"", "root"),
    ("name-period-model", "timing.period.model", "\"geometric\"", "table"),
    ("name-priority", "orders.priority", "\"highest\"", "highest-value"),
    ("name-solver", "orders.solver.model", "\"cycle\"", "cycles"),
    ("name-statistic", "timing.latency.statistic", "\"median\"", "fastest-quorum"),
    ("operator-negative", "flow.components.0.operator", "-1", "below the number of operators"),
    ("operator-off-circle", "flow.components.0.operator", "8", "an integer from 0 to 7"),
    ("pareto-shape-1", "orders.value.shape", "1", "above 1 and at most 1e6"),
    ("pareto-shape-beyond-1e6", "orders.value.shape", "1e7", "above 1 and at most 1e6"),
    ("pareto-shape-nan", "orders.value.shape", "NaN", "above 1 and at most 1e6"),
    ("patience-rate-inf", "orders.patience_rate", "inf", "finite and at least 0"),
    ("patience-rate-nan", "orders.patience_rate", "NaN", "finite and at least 0"),
    ("patience-rate-negative", "orders.patience_rate", "-1", "finite and at least 0"),
    ("period-table-falling", "timing.period.values.1", "0.5", "a whole multiple of values.0"),
    ("period-table-long", "timing.period.values", "(5 values)", "one for each height 0..=3"),
    ("period-table-negative", "timing.period.values.0", "-0.125", "finite and above 0"),
    ("period-table-not-nested", "timing.period.values.2", "0.6", "a whole multiple of values.1"),
    ("period-table-short", "timing.period.values", "(3 values)", "one for each height 0..=3"),
    ("period-table-zero", "timing.period.values.0", "0", "finite and above 0"),
    ("precision-0", "monte_carlo.precision", "0", "above 0 and below 1"),
    ("precision-1", "monte_carlo.precision", "1", "above 0 and below 1"),
    ("precision-nan", "monte_carlo.precision", "NaN", "above 0 and below 1"),
    ("precision-negative", "monte_carlo.precision", "-0.001", "above 0 and below 1"),
    ("quorum-0", "timing.latency.quorum", "0", "above 0 and at most 1"),
    ("quorum-above-1", "timing.latency.quorum", "1.5", "above 0 and at most 1"),
    ("quorum-nan", "timing.latency.quorum", "NaN", "above 0 and at most 1"),
    ("quorum-negative", "timing.latency.quorum", "-0.6667", "above 0 and at most 1"),
    ("quorum-out-of-reach", "timing.latency.quorum", "1e-9", "larger for a pool of this size"),
    ("rate-0", "flow.rate", "0", "finite and above 0"),
    ("rate-inf", "flow.rate", "inf", "finite and above 0"),
    ("rate-nan", "flow.rate", "NaN", "finite and above 0"),
    ("rate-negative", "flow.rate", "-64", "finite and above 0"),
    ("rate-overflows-window", "flow.rate", "1e300", "a smaller value"),
    ("ratio-0", "timing.period.ratio", "0", "an integer of at least 1"),
    ("ratio-beyond-u32", "timing.period.ratio", "4294967296", "at most 4294967295"),
    ("ratio-negative", "timing.period.ratio", "-2", "an integer of at least 1"),
    ("ratio-overflows-root", "timing.period.ratio", "4000000000", "a smaller value"),
    ("replications-0", "monte_carlo.replications", "0", "an integer of at least 2"),
    ("replications-1", "monte_carlo.replications", "1", "an integer of at least 2"),
    ("replications-and-precision", "monte_carlo", "(replications and precision)", "one of replications, precision"),
    ("replications-negative", "monte_carlo.replications", "-10000", "an integer of at least 2"),
    ("scale-free-at-depth-0", "flow.components.0.kind", "scale-free", "another kind at depth 0"),
    ("scale-nan", "timing.latency.scale", "NaN", "finite and at least 0"),
    ("scale-negative", "timing.latency.scale", "-0.125", "finite and at least 0"),
    ("scale-overflows-root", "timing.latency.scale", "1e308", "a smaller value"),
    ("second-component", "flow.components.1.height", "7", "an integer from 0 to 3 (tree.depth)"),
    ("seed-negative", "monte_carlo.seed", "-1", "from 0 to 9223372036854775807"),
    ("share-above-1", "flow.components.0.share", "1.5", "at least 0 and at most 1"),
    ("share-huge", "flow.components.0.share", "1e300", "at least 0 and at most 1"),
    ("share-nan", "flow.components.0.share", "NaN", "at least 0 and at most 1"),
    ("share-negative", "flow.components.1.share", "-0.25", "at least 0 and at most 1"),
    ("shares-above-1", "flow.components", "(shares sum to 2)", "shares that sum to 1"),
    ("shares-below-1", "flow.components", "(shares sum to 0.9)", "shares that sum to 1"),
    ("shares-just-off", "flow.components", "(shares sum to 1.00000001)", "shares that sum to 1"),
    ("side-share-above-1", "flow.components.0.side_share", "1.01", "at least 0 and at most 1"),
    ("side-share-inf", "flow.components.0.side_share", "inf", "at least 0 and at most 1"),
    ("side-share-negative", "flow.components.0.side_share", "-0.5", "at least 0 and at most 1"),
    ("sigma-above-5", "orders.value.sigma", "5.5", "at least 0 and at most 5"),
    ("sigma-nan", "orders.value.sigma", "NaN", "at least 0 and at most 5"),
    ("sigma-negative", "orders.value.sigma", "-1", "at least 0 and at most 5"),
    ("size-0", "orders.arrivals.size", "0", "an integer from 1 to 1000000"),
    ("size-beyond-1e6", "orders.arrivals.size", "1000001", "an integer from 1 to 1000000"),
    ("size-negative", "orders.arrivals.size", "-3", "an integer from 1 to 1000000"),
    ("solving-inf", "timing.solving", "inf", "finite and at least 0"),
    ("solving-negative", "timing.solving", "-0.001", "finite and at least 0"),
    ("solving-overflows-latency", "timing.solving", "1e308", "a smaller value"),
    ("spacing-inf", "timing.latency.spacing", "inf", "finite and at least 0"),
    ("spacing-negative", "timing.latency.spacing", "-1", "finite and at least 0"),
    ("spacing-overflows-root", "timing.latency.spacing", "1e308", "a smaller value"),
    ("spread-above-1", "orders.value.spread", "1.5", "at least 0 and at most 1"),
    ("spread-nan", "orders.value.spread", "NaN", "at least 0 and at most 1"),
    ("spread-negative", "orders.value.spread", "-0.5", "at least 0 and at most 1"),
    ("success-above-1", "orders.solver.success", "1.5", "at least 0 and at most 1"),
    ("success-nan", "orders.solver.success", "NaN", "at least 0 and at most 1"),
    ("success-negative", "orders.solver.success", "-0.5", "at least 0 and at most 1"),
    ("type-arity-string", "tree.arity", "\"2\"", "an integer of at least 2"),
    ("type-arrivals-model-array", "orders.arrivals.model", "[\"gamma\"]", "batches"),
    ("type-arrivals-string", "orders.arrivals", "\"gamma\"", "a table"),
    ("type-assets-float", "flow.assets", "2.5", "an integer of at least 2"),
    ("type-component-string", "flow.components.0", "\"uniform\"", "a table"),
    ("type-components-string", "flow.components", "\"uniform\"", "an array of tables"),
    ("type-components-table", "flow.components", "{ kind = \"uniform\", share = 1.0 }", "an array of tables"),
    ("type-cost-string", "cost.per_message", "\"free\"", "a number"),
    ("type-delay-array", "timing.delay", "[\"batched\"]", "batched"),
    ("type-depth-array", "tree.depth", "[3]", "an integer"),
    ("type-depth-bool", "tree.depth", "true", "an integer"),
    ("type-depth-float", "tree.depth", "3.0", "an integer"),
    ("type-discount-number", "discount", "0.5", "a table"),
    ("type-distance-float", "flow.components.0.distance", "0.5", "half the number of operators"),
    ("type-exponent-array", "flow.components.0.exponent", "[1.0]", "a number"),
    ("type-factor-string", "discount.factor", "\"half\"", "a number"),
    ("type-half-life-bool", "discount.half_life", "false", "a number"),
    ("type-height-float", "flow.components.0.height", "1.0", "an integer from 0 to the depth"),
    ("type-kind-number", "flow.components.0.kind", "1", "single-site"),
    ("type-latency-array", "timing.latency", "[0.0, 0.25, 0.5, 1.0]", "a table"),
    ("type-latency-exponent-string", "timing.latency.exponent", "\"1/2\"", "a number"),
    ("type-latency-model-array", "timing.latency.model", "[\"ring\"]", "table"),
    ("type-latency-number", "timing.latency", "0.125", "a table"),
    ("type-latency-value-string", "timing.latency.values.2", "\"half\"", "a number"),
    ("type-latency-values-number", "timing.latency.values", "0.5", "one number per height"),
    ("type-law-number", "orders.value.law", "1", "pareto"),
    ("type-lifetime-float", "orders.lifetime", "3.0", "an integer of at least 1"),
    ("type-longest-float", "orders.solver.longest", "3.0", "an integer of at least 2"),
    ("type-monte-carlo-bool", "monte_carlo", "true", "a table"),
    ("type-operator-string", "flow.components.0.operator", "\"first\"", "below the number of operators"),
    ("type-orders-number", "orders", "3", "a table"),
    ("type-patience-from-bool", "orders.patience_from", "true", "arrival"),
    ("type-patience-rate-string", "orders.patience_rate", "\"1 per second\"", "a number"),
    ("type-period-base-string", "timing.period.base", "\"1/8\"", "a number"),
    ("type-period-ratio-float", "timing.period.ratio", "2.0", "an integer of at least 1"),
    ("type-period-string", "timing.period", "\"back-to-back\"", "a table"),
    ("type-period-values-table", "timing.period.values", "{ root = 1.0 }", "one number per height"),
    ("type-precision-string", "monte_carlo.precision", "\"0.1 %\"", "a number"),
    ("type-priority-number", "orders.priority", "1", "highest-value"),
    ("type-rate-bool", "flow.rate", "true", "a number"),
    ("type-rate-date", "flow.rate", "1979-05-27", "a number"),
    ("type-rate-string", "flow.rate", "\"64\"", "a number"),
    ("type-rate-table", "flow.rate", "{ mean = 64.0 }", "a number"),
    ("type-replications-float", "monte_carlo.replications", "10000.0", "an integer of at least 2"),
    ("type-seed-float", "monte_carlo.seed", "1.5", "from 0 to 9223372036854775807"),
    ("type-shape-string", "orders.arrivals.shape", "\"broad\"", "a number"),
    ("type-share-string", "flow.components.0.share", "\"all\"", "a number"),
    ("type-sigma-bool", "orders.value.sigma", "true", "a number"),
    ("type-size-float", "orders.arrivals.size", "2.5", "an integer from 1 to 1000000"),
    ("type-solver-model-bool", "orders.solver.model", "true", "unlimited"),
    ("type-solver-string", "orders.solver", "\"cycles\"", "a table"),
    ("type-solving-string", "timing.solving", "\"1 ms\"", "a number"),
    ("type-spread-string", "orders.value.spread", "\"50 %\"", "a number"),
    ("type-success-string", "orders.solver.success", "\"always\"", "a number"),
    ("type-timing-array", "timing", "[{…", "a table"),
    ("type-tree-array", "tree", "[{ arity = 2, depth = 3 }]", "a table"),
    ("type-tree-number", "tree", "8", "a table"),
    ("type-utility-mean-string", "utility.mean", "\"one\"", "a number"),
    ("type-utility-number", "utility", "1.0", "a table"),
    ("type-value-number", "orders.value", "1.0", "a table"),
    ("type-warm-up-string", "orders.warm_up", "\"long\"", "an integer of at least 0"),
    ("type-windows-float", "orders.windows", "16.0", "an integer of at least 1"),
    ("utility-nan", "utility.mean", "NaN", "finite and at least 0"),
    ("utility-negative", "utility.mean", "-1", "finite and at least 0"),
    ("utility-overflows-gross", "utility.mean", "1e200", "a smaller value"),
    ("warm-up-beyond-1e9", "orders.warm_up", "1000000001", "at most 1000000000"),
    ("warm-up-negative", "orders.warm_up", "-1", "an integer of at least 0"),
    ("windows-0", "orders.windows", "0", "an integer of at least 1"),
    ("windows-beyond-1e9", "orders.windows", "1000000001", "at most 1000000000"),
    ("windows-negative", "orders.windows", "-16", "an integer of at least 1"),
];

/// Scenarios that are valid until an architecture is evaluated: file, key, value, what is allowed.
const EVALUATION: &[(&str, &str, &str, &str)] = &[
    ("back-to-back-period-overflows", "timing.latency at height 2", "1e300", "a smaller value"),
    ("back-to-back-scale-0", "timing.latency at height 1", "0", "above 0 where auctions run back to back"),
    ("back-to-back-without-latency", "timing.latency at height 1", "0", "above 0 where auctions run back to back"),
    ("cost-overflows-per-order", "cost.per_message", "1e100", "a smaller value"),
    ("cost-overflows", "cost.per_message", "1e308", "a smaller value"),
    ("latency-table-sum-overflows", "timing.latency at height 2", "1e308", "a smaller value"),
    ("rate-overflows-window-back-to-back", "flow.rate", "1e200", "a smaller value"),
];

/// Text that is not TOML: file, the line or where it is, the problem.
const SYNTAX: &[(&str, &str, &str)] = &[
    ("rate-overflows-float", "rate = 1e999", "overflow"),
    ("syntax-bare-word", "delay = batched", "expected"),
    ("syntax-comma-decimal", "rate = 64,5", "expected newline"),
    ("syntax-control-character", "line 6, column 15", "comment"),
    ("syntax-deep-nesting", "line 1, column 88", "recursion depth"),
    ("syntax-duplicate-key", "arity = 3", "duplicate key"),
    ("syntax-duplicate-section", "[tree]", "duplicate key"),
    ("syntax-integer-beyond-i64", "arity = 99999999999999999999", "integer"),
    ("syntax-json", "{ \"tree\": { \"arity\": 2, \"depth\": 3 } }", "expected key"),
    ("syntax-no-value", "rate =", "expected"),
    ("syntax-unclosed-section", "[flow", "expected `]`"),
    ("syntax-unclosed-string", "delay = \"batched", "expected"),
];

/// Files that are not text.
const NOT_TEXT: &[&str] = &["binary-file", "latin-1-text"];

/// The longest message that is still one clear message.
const LONGEST: usize = 300;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

fn path(file: &str) -> PathBuf {
    folder().join(file).with_extension("toml")
}

/// All files of the tables.
fn listed() -> Vec<&'static str> {
    let unknown = UNKNOWN.iter().map(|row| row.0);
    let missing = MISSING.iter().map(|row| row.0);
    let valued = WRONG.iter().chain(EVALUATION).map(|row| row.0);
    let syntax = SYNTAX.iter().map(|row| row.0);
    unknown.chain(missing).chain(valued).chain(syntax).chain(NOT_TEXT.iter().copied()).collect()
}

/// The message that a broken scenario is answered with, by reading it or else by evaluating it.
fn message(file: &str) -> Result<String, String> {
    let scenario = match Scenario::from_file(path(file)) {
        Err(error) => return Ok(error.to_string()),
        Ok(scenario) => scenario,
    };
    if !EVALUATION.iter().any(|row| row.0 == file) {
        return Err("was read without an error".to_owned());
    }
    let evaluated = ClosedForm::evaluate(&scenario, &Architecture::full(scenario.tree()));
    let compared = Comparison::new(&scenario, None, None);
    match (evaluated, compared) {
        (Err(error), Err(other)) if error == other => Ok(error.to_string()),
        (evaluated, compared) => Err(format!("evaluates to {:?} and {:?}", evaluated.err(), compared.err())),
    }
}

/// Whether a text is the wanted one; numbers count by their value.
fn is(found: &str, wanted: &str) -> bool {
    if let Some(start) = wanted.strip_suffix('…') {
        return found.starts_with(start);
    }
    let number = |text: &str| text.parse::<f64>().ok().map(f64::to_bits);
    found == wanted || (number(found).is_some() && number(found) == number(wanted))
}

/// Whether `message` is `key = value: … allowed …`.
fn names_value(message: &str, key: &str, value: &str, allowed: &str) -> bool {
    let Some((found_key, rest)) = message.split_once(" = ") else { return false };
    let Some((found_value, reason)) = rest.split_once(": ") else { return false };
    is(found_key, key) && is(found_value, value) && reason.contains(allowed)
}

/// Whether `message` is `key: problem; … allowed …`.
fn names_key(message: &str, key: &str, problem: &str, allowed: &str) -> bool {
    let Some((found_key, rest)) = message.split_once(": ") else { return false };
    is(found_key, key) && rest.strip_prefix(problem).is_some_and(|reason| reason.contains(allowed))
}

#[test]
fn every_broken_file_is_listed_once() {
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".toml").unwrap_or(&name).to_owned())
        .collect();
    let listed = listed();
    let rows: BTreeSet<String> = listed.iter().copied().map(str::to_owned).collect();
    assert_eq!(files, rows);
    assert_eq!(rows.len(), listed.len(), "a file stands in two rows");
}

#[test]
fn every_mistake_is_named_with_its_value_and_what_is_allowed() {
    let mut complaints = Vec::new();
    let mut check = |file: &str, right: &dyn Fn(&str) -> bool| match message(file) {
        Err(outcome) => complaints.push(format!("{file}: {outcome}")),
        Ok(message) => {
            let plain = !message.chars().any(|c| c.is_control() && c != '\n');
            if !(right(&message) && plain && message.chars().count() <= LONGEST) {
                complaints.push(format!("{file}: {message:?}"));
            }
        }
    };
    for (file, key, allowed) in UNKNOWN {
        check(file, &|message| names_key(message, key, "unknown key; allowed here: ", allowed));
    }
    for (file, key, allowed) in MISSING {
        check(file, &|message| names_key(message, key, "missing; must be ", allowed));
    }
    for (file, key, value, allowed) in WRONG.iter().chain(EVALUATION) {
        check(file, &|message| names_value(message, key, value, allowed));
    }
    for (file, line, problem) in SYNTAX {
        check(file, &|message| {
            message.starts_with("not a TOML document: ") && message.contains(line) && message.contains(problem)
        });
    }
    for file in NOT_TEXT {
        check(file, &|message| names_key(message, path(file).to_str().unwrap(), "not UTF-8 text", "TOML"));
    }
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), listed().len(), complaints.join("\n"));
}

#[test]
fn the_command_refuses_every_broken_file() {
    let mut complaints = Vec::new();
    for file in listed() {
        let path = path(file);
        let output = Command::new(env!("CARGO_BIN_EXE_pooltree")).arg("compare").arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let right = message(file).is_ok_and(|message| {
            let named = message.starts_with(path.to_str().unwrap()) || EVALUATION.iter().any(|row| row.0 == file);
            said == if named {
                format!("error: {message}\n")
            } else {
                format!("error: {}: {message}\n", path.display())
            }
        });
        if !(right && output.status.code() == Some(2) && output.stdout.is_empty() && !said.contains("panicked")) {
            complaints.push(format!("{file}: {:?}, {} bytes of output, {said:?}", output.status, output.stdout.len()));
        }
    }
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), listed().len(), complaints.join("\n"));
}

/// Valid scenarios that use every kind of component and every model, delay and discount.
pub const VALID: [&str; 10] = [
    r#"[tree]
arity = 2
depth = 3

[flow]
rate = 64.0
assets = 3
components = [
  { kind = "uniform", share = 0.5 },
  { kind = "meet-at", height = 1, share = 0.25 },
  { kind = "scale-free", exponent = 1.0, share = 0.25 },
]

[timing]
latency = { model = "proportional", scale = 0.125, exponent = 0.5 }
period = { model = "ratio", base = 0.125, ratio = 2 }
delay = "batched"

[discount]
factor = 0.5

[utility]
mean = 2.0

[cost]
per_message = 0.01

[monte_carlo]
seed = 7
replications = 100
"#,
    r#"[tree]
arity = 3
depth = 3

[flow]
rate = 100
components = [{ kind = "opposite", share = 0.5 }, { kind = "nearby", height = 0, share = 0.5, side_share = 0.25 }]

[timing]
latency = { model = "ring", statistic = "diameter", spacing = 0.01 }
period = { model = "back-to-back" }
delay = "cumulative"

[discount]
half_life = 1.0
"#,
    r#"[tree]
arity = 3
depth = 2

[flow]
rate = 40.0
components = [{ kind = "circle-distance", distance = 2, share = 0.5 }, { kind = "single-site", operator = 8, share = 0.5 }]

[timing]
latency = { model = "ring", statistic = "random-quorum", spacing = 0.1, quorum = 0.6667 }
period = { model = "table", values = [0.1, 0.3, 0.3] }
delay = "idealised"

[discount]
rate = 0.693

[monte_carlo]
precision = 0.05
"#,
    r#"[tree]
arity = 4
depth = 2

[flow]
rate = 10.0
components = [{ kind = "uniform", share = 1.0, side_share = 0.75 }]

[timing]
latency = { model = "table", values = [0.0, 0.25, 1.0] }
period = { model = "table", values = [1.0, 2.0, 4.0] }
delay = "batched"
solving = 0.01

[discount]
factor = 1.0

[cost]
per_message = 1e-3
"#,
    r#"[tree]
arity = 2
depth = 0

[flow]
rate = 4.0

[timing]
latency = { model = "ring", statistic = "fastest-quorum", quorum = 0.5 }
period = { model = "ratio", base = 1.0, ratio = 1 }
delay = "batched"

[discount]
factor = 0.9
"#,
    r#"[tree]
arity = 2
depth = 4

[flow]
rate = 64.0

[timing]
latency = { model = "ring", statistic = "mean-farthest", spacing = 0.05 }
period = { model = "back-to-back" }
delay = "batched"

[discount]
rate = 0.1

[cost]
per_message = 0.001
"#,
    r#"tree = { arity = 5, depth = 1 }
flow.rate = 1e-3
flow.components = [{ kind = "meet-at", height = 0, side_share = 1e-6 }]
timing.latency = { model = "ring", statistic = "fastest-quorum", quorum = 1.0, spacing = 0.2 }
timing.period = { model = "ratio", base = 2.0, ratio = 3 }
timing.delay = "cumulative"
discount.half_life = 100.0
monte_carlo.seed = 3
monte_carlo.replications = 200
"#,
    r#"[tree]
arity = 2
depth = 2

[flow]
rate = 20.0

[timing]
latency = { model = "proportional", scale = 0.1 }
period = { model = "ratio", base = 0.1, ratio = 2 }
delay = "batched"

[discount]
factor = 0.5

[orders]
arrivals = { model = "gamma", shape = 4.0 }
value = { law = "pareto", shape = 3.0 }
priority = "highest-value"
patience_rate = 2.0
patience_from = "arrival"
windows = 8
warm_up = 4

[monte_carlo]
replications = 50
"#,
    r#"[tree]
arity = 3
depth = 1

[flow]
rate = 12.0
assets = 4
components = [{ kind = "uniform", share = 0.5, side_share = 0.3 }, { kind = "meet-at", height = 0, share = 0.5 }]

[timing]
latency = { model = "table", values = [0.1, 0.7] }
period = { model = "table", values = [0.25, 0.5] }
delay = "cumulative"

[discount]
half_life = 2.0

[orders]
arrivals = { model = "batches", size = 3 }
value = { law = "log-normal", sigma = 1.5 }
priority = "oldest"
solver = { model = "cycles", longest = 3, success = 0.5 }
lifetime = 3

[monte_carlo]
replications = 50
"#,
    r#"[tree]
arity = 2
depth = 1

[flow]
rate = 8.0
assets = 3

[timing]
latency = { model = "proportional", scale = 0.5 }
period = { model = "back-to-back" }
delay = "idealised"

[discount]
rate = 0.25

[orders]
value = { law = "uniform", spread = 0.5 }
priority = "newest"
solver = { model = "unlimited", success = 0.9 }
patience_rate = 0.5

[monte_carlo]
replications = 50
"#,
];

/// Floating-point numbers at the ends of their range, and others that may fit.
const FLOATS: &str = "nan | inf | 0.0 | -0.0 | 1.0 | -1.0 | 0.1 | 0.5 | 2.0 | 3 | 1e308 | 1.7976931348623157e308 | 1e-308 | \
    2.3e-308 | 5e-324 | 1e-320 | 1e-9 | 1e9 | 1e16 | 1e100 | 1e150 | 1e200 | 1e-100 | 1e-150 | 1e-200 | \
    9007199254740993";

/// Whole numbers, likewise.
const INTEGERS: &str = "0 | 1 | 2 | 3 | 4 | 5 | 8 | 12 | 1000 | 1023 | -1 | 4294967295 | 4294967296 | 9223372036854775807 | \
    -9223372036854775808 | 1.0";

/// Values that do harm where they do not belong.
const NASTY: &str = "-inf | 1e999 | 9223372036854775808 | true | \"\" | \"table\" | \"uniform\" | \"back-to-back\" | \
    \"opposite\" | \"idealised\" | \"batched\" | '🌲' | [] | {} | [nan] | [0.0, 1.0] | [[[[1]]]] | \
    { model = \"table\", values = [1e-300, 1.0, 1e300, 1e308] } | { model = \"back-to-back\" } | 1979-05-27";

/// Keys that another place or no place knows.
const KEYS: &str = "arity | depth | quorum | share | values | model | kind | height | rate | half_life | lifetime | shape | \
    success | x | \"\\n\"";

#[derive(Debug, Clone)]
enum Mutation {
    Number(Index, Index),
    Value(Index, Index),
    Drop(Index),
    Repeat(Index),
    Rename(Index, Index),
    Truncate(Index),
    Insert(Index, Vec<u8>),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>;
    prop_oneof![
        16 => (index(), index()).prop_map(|(place, value)| Mutation::Number(place, value)),
        2 => (index(), index()).prop_map(|(place, value)| Mutation::Value(place, value)),
        1 => index().prop_map(Mutation::Drop),
        1 => index().prop_map(Mutation::Repeat),
        1 => (index(), index()).prop_map(|(place, key)| Mutation::Rename(place, key)),
        1 => index().prop_map(Mutation::Truncate),
        1 => (index(), prop::collection::vec(any::<u8>(), 1..6)).prop_map(|(place, bytes)| Mutation::Insert(place, bytes)),
    ]
}

/// The byte ranges of keys (words followed by `=`) and of values (all other words and numbers).
fn words(text: &[u8]) -> [Vec<Range<usize>>; 2] {
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+.\"".contains(&byte);
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < text.len() {
        let end = at + text[at..].iter().take_while(|&&byte| in_word(byte)).count();
        if end > at {
            let is_key = text[end..].iter().find(|&&byte| byte != b' ') == Some(&b'=');
            if is_key { keys.push(at..end) } else { values.push(at..end) }
        }
        at = end + 1;
    }
    [keys, values]
}

/// One of several texts in one.
fn choose(index: &Index, texts: &'static str) -> &'static str {
    let texts: Vec<&str> = texts.split(" | ").collect();
    texts[index.index(texts.len())]
}

/// Writes `new` over one of `words`.
fn replace(text: &mut Vec<u8>, words: &[Range<usize>], place: &Index, new: &str) {
    if !words.is_empty() {
        text.splice(words[place.index(words.len())].clone(), new.bytes());
    }
}

impl Mutation {
    fn apply(&self, text: &mut Vec<u8>) {
        let [keys, mut values] = words(text);
        match self {
            Self::Number(place, number) => {
                let word = |range: &Range<usize>| std::str::from_utf8(&text[range.clone()]).unwrap_or_default();
                values.retain(|range| word(range).parse::<f64>().is_ok());
                let whole = !values.is_empty() && word(&values[place.index(values.len())]).parse::<i64>().is_ok();
                let new = choose(number, if whole { INTEGERS } else { FLOATS });
                replace(text, &values, place, new);
            }
            Self::Value(place, value) => replace(text, &values, place, choose(value, NASTY)),
            Self::Rename(place, key) => replace(text, &keys, place, choose(key, KEYS)),
            Self::Drop(place) | Self::Repeat(place) => {
                let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
                if !lines.is_empty() {
                    let line = lines.remove(place.index(lines.len()));
                    if matches!(self, Self::Repeat(_)) {
                        let at = place.index(lines.len() + 1);
                        lines.splice(at..at, [line.clone(), line]);
                    }
                    *text = lines.concat();
                }
            }
            Self::Truncate(place) => text.truncate(place.index(text.len() + 1)),
            Self::Insert(place, bytes) => {
                let at = place.index(text.len() + 1);
                text.splice(at..at, bytes.iter().copied());
            }
        }
    }
}

/// Whether every number in a result is finite, by its debug text without the strings in it.
fn is_finite(result: &impl std::fmt::Debug) -> bool {
    let text = format!("{result:?}");
    let mut words = text.split('"').step_by(2).flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric()));
    words.all(|word| word != "NaN" && word != "inf")
}

/// Whether a replication of every architecture that can be simulated takes no time.
fn is_cheap(scenario: &Scenario) -> bool {
    let engines =
        Architecture::named(scenario.tree()).into_iter().map(|(_, heights)| CountsEngine::new(scenario, &heights));
    engines.flatten().all(|engine| engine.draws_per_replication() <= 1e4)
}

#[test]
fn the_valid_scenarios_are_valid() {
    for text in VALID {
        let scenario: Scenario = text.parse().unwrap();
        Comparison::new(&scenario, None, None).unwrap();
    }
}

/// Whatever a valid scenario gives, closed form, search and simulations where they take no time, those of single orders
/// with every order accounted for, in finite numbers; or an error.
fn finite(scenario: &Scenario) -> Result<(), String> {
    let full = Architecture::full(scenario.tree());
    if let Ok(welfare) = ClosedForm::evaluate(scenario, &full)
        && !is_finite(&welfare)
    {
        return Err(format!("{welfare:?}"));
    }
    let seven = MonteCarlo::new(1, Stopping::Replications(7)).unwrap();
    let silent = |_: &str, _: u64, _: u64| ();
    let simulate: Option<Watch> = if is_cheap(scenario) { Some(&silent) } else { None };
    match Comparison::new(&scenario.clone().with_monte_carlo(seven), None, simulate) {
        Ok(comparison) if !is_finite(&comparison) => return Err(format!("{comparison:?}")),
        _ => {}
    }
    let orders = scenario.orders();
    if !OrdersEngine::new(scenario, &full, orders).is_ok_and(|engine| engine.work_per_replication() <= 1e4) {
        return Ok(());
    }
    let quiet = &|_, _| ();
    let seen = SimulatedOrders::simulate(scenario, &full, orders, &seven, quiet)
        .and_then(|simulated| Confirmed::new(scenario, &full, orders, simulated));
    match seen {
        Ok(confirmed) if !(is_finite(&confirmed) && confirmed.simulated.account.balances()) => {
            Err(format!("{confirmed:?}"))
        }
        _ => Ok(()),
    }
}

/// Scenarios at the ends of the range: depth, rate, side share, latencies of heights 0 and 1, unit of the periods.
const EXTREMES: &[(u32, &str, &str, &str, &str)] = &[
    (1, "5e-324", "1e-6", "0.1, 0.2", "1.0"),
    (1, "1e-308", "0.5", "0.1, 0.2", "1.0"),
    (1, "1e-200", "0.5", "0.1, 0.2", "1.0"),
    (1, "10.0", "5e-324", "0.1, 0.2", "1.0"),
    (1, "10.0", "1e-308", "0.1, 0.2", "1e-300"),
    (1, "1e308", "0.5", "0.1, 0.2", "1e-308"),
    (1, "1e150", "0.25", "0.1, 0.2", "1e150"),
    (1, "64.0", "0.5", "0.0, 1e308", "1.0"),
    (1, "64.0", "0.5", "1e308, 1e-308", "1e300"),
    (0, "1e-308", "0.5", "0.1", "1.0"),
    (0, "1e308", "0.5", "0.1", "1e-308"),
];

#[test]
fn the_ends_of_the_range_give_finite_numbers() {
    for (depth, rate, side_share, latencies, unit) in EXTREMES {
        for (delay, factor) in [("batched", "0.5"), ("batched", "1.0"), ("cumulative", "5e-324")] {
            for kind in ["uniform\"", "opposite\"", "meet-at\", height = 0"] {
                let text = format!(
                    "tree = {{ arity = 2, depth = {depth} }}\n\
                     flow.rate = {rate}\n\
                     flow.components = [{{ kind = \"{kind}, side_share = {side_share} }}]\n\
                     timing.latency = {{ model = \"table\", values = [{latencies}] }}\n\
                     timing.period = {{ model = \"ratio\", base = {unit}, ratio = 2 }}\n\
                     timing.delay = \"{delay}\"\n\
                     discount.factor = {factor}\n"
                );
                let outcome = finite(&text.parse().unwrap());
                assert!(outcome.is_ok(), "{outcome:?} of\n{text}");
            }
        }
    }
}

#[test]
fn back_to_back_auctions_of_latencies_far_apart_have_a_best_set() {
    let text = VALID[3]
        .replace("values = [0.0, 0.25, 1.0]", "values = [1e-300, 1.0, 1e300]")
        .replace("model = \"table\", values = [1.0, 2.0, 4.0]", "model = \"back-to-back\"");
    let comparison = Comparison::new(&text.parse().unwrap(), None, None).unwrap();
    assert!(comparison.best.is_some() && comparison.levels.iter().all(|level| level.value.is_finite()), "{text}");
}

#[test]
fn a_small_scale_meets_a_large_power() {
    // 1e-300 · 2^(1000 · 1.05) = 1.2e16 although 2^1050 alone overflows.
    let text = VALID[0]
        .replace("depth = 3", "depth = 1000")
        .replace("scale = 0.125, exponent = 0.5", "scale = 1e-300, exponent = 1.0505")
        .replace("base = 0.125", "base = 1e-300")
        .replace("per_message = 0.01", "per_message = 0.0");
    let scenario: Scenario = text.parse().unwrap();
    let global = ClosedForm::evaluate(&scenario, &Architecture::global(scenario.tree())).unwrap();
    let expected = (1050.5 * std::f64::consts::LN_2 - 300.0 * std::f64::consts::LN_10).exp();
    assert!((global.by_height[0].latency / expected - 1.0).abs() < 1e-10);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4096,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(17),
        ..ProptestConfig::default()
    })]

    /// Whatever is done to a scenario: an error or finite numbers, never a panic.
    #[test]
    fn mutated_scenarios_give_an_error_or_finite_numbers(
        text in prop::sample::select(&VALID[..]),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let mut text = text.as_bytes().to_vec();
        mutations.iter().for_each(|mutation| mutation.apply(&mut text));
        let text = String::from_utf8_lossy(&text);
        if let Ok(scenario) = text.parse::<Scenario>()
            && scenario.tree().depth() <= 12
        {
            let outcome = finite(&scenario);
            prop_assert!(outcome.is_ok(), "{outcome:?} of\n{text}");
        }
    }
}
