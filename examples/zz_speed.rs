use pooltree::estimate::*;
use pooltree::orders::simulation::*;
use pooltree::orders::*;
use pooltree::pool_tree::*;
use pooltree::*;
fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for (rate, reps) in [(64.0, 400_000u64)] {
        let base = Scenario::document();
        let s = base.leave_open(&["flow.rate"]).unwrap().at(&[rate]).unwrap();
        let tree = Architecture::full(s.tree());
        for (name, o) in [
            ("random", Orders::default()),
            (
                "high exp",
                Orders { priority: Priority::HighestValue, value: ValueLaw::Exponential, ..Orders::default() },
            ),
            ("oldest", Orders { priority: Priority::Oldest, ..Orders::default() }),
            (
                "life 3",
                Orders {
                    lifetime: Lifetime::Auctions { lifetime: 3 },
                    stretch: Stretch { windows: Some(30), warm_up: Some(0) },
                    ..Orders::default()
                },
            ),
        ] {
            let reps = if name == "life 3" { reps / 30 } else { reps };
            let t = std::time::Instant::now();
            let r = pool
                .install(|| {
                    SimulatedOrders::simulate(
                        &s,
                        &tree,
                        &o,
                        &MonteCarlo::new(1, Stopping::Replications(reps)).unwrap(),
                        &|_, _| (),
                    )
                })
                .unwrap();
            let dt = t.elapsed().as_secs_f64();
            println!(
                "{rate} {name}: {:.1} M orders/s; {:?} balances {}",
                r.account.arrived as f64 / dt / 1e6,
                r.account,
                r.account.balances()
            );
            if name == "random" {
                let c = ClosedForm::evaluate(&s, &tree).unwrap();
                println!(
                    "  gross {} ± {} exact {}; filled {} ± {} exact {}",
                    r.gross, r.std_error, c.gross, r.filled_share, r.filled_share_std_error, c.filled_share
                );
                for (h, e) in r.by_height.iter().zip(&c.by_height) {
                    println!(
                        "  h{} {:.6} {:.6} ± {:.6} gross {:.5} {:.5} ± {:.5} delay {:?} {}",
                        h.height,
                        e.filled_share,
                        h.filled_share,
                        h.std_error,
                        e.gross,
                        h.gross,
                        h.gross_std_error,
                        h.mean_delay,
                        e.offset + e.latency + e.period / 2.0
                    );
                }
            } else {
                println!("  gross {} ± {} filled {} value {:?}", r.gross, r.std_error, r.filled_share, r.mean_value);
            }
        }
    }
}
