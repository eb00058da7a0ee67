//! Networks: a log of ten million rows fitted, and the general closed form beside that of a tree whose pools are alike.
//!
//! To reach: 10^7 rows fitted and replayed in under 20 s and 200 MiB; the closed form of the 129 shipped cities in at most 40 times
//! the time of a complete tree of 128 operators, per law that is evaluated: a complete tree has one for every height, a network one for
//! every class in every pool and every part of it, with sides that are not equal (integrals instead of one Bessel function). The figures
//! are printed before criterion's own.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use pooltree::fit::{FitOptions, fit};
use pooltree::network::order_log::{Options, read};
use pooltree::network::sites::{Fibre, Place, Survey};
use pooltree::pool_tree::Architecture;
use pooltree::{ClosedForm, Scenario};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: u32 = 10_000_000;
const PLACES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/places.csv");

fn cities() -> Survey {
    Survey::of_places(Place::all_from_file(PLACES).unwrap(), Fibre::default()).unwrap()
}

/// A log of all cities and three assets.
fn write_log(path: &Path, rows: u32) {
    let names = cities().sites().names().to_vec();
    let mut bits = ChaCha8Rng::seed_from_u64(1);
    let mut out = BufWriter::new(File::create(path).unwrap());
    writeln!(out, "time,operator,sell,buy,value").unwrap();
    let mut time = 0.0;
    for _ in 0..rows {
        time += 2e-3 * bits.random::<f64>();
        let sell = bits.random_range(0..3);
        let buy = (sell + bits.random_range(1..3)) % 3;
        let assets = ["ETH", "USD", "BTC"];
        let name = &names[bits.random_range(0..names.len())];
        writeln!(out, "{time:.6},{name},{},{},{:.2}", assets[sell], assets[buy], bits.random::<f64>()).unwrap();
    }
    out.flush().unwrap();
}

/// Removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("pooltree-bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Time of a command and its greatest resident memory in MiB, where the system tells it.
fn measured(command: &mut Command) -> (Duration, f64) {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let (status, mut most) = (format!("/proc/{}/status", child.id()), 0.0_f64);
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        most = most.max(kibibytes.unwrap_or(0.0) / 1024.0);
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return (start.elapsed(), most);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The shortest of some times.
fn shortest(times: usize, mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..times).map(time).min().unwrap()
}

/// A scenario of the cities with a flow of its own at each of them.
fn network() -> Scenario {
    let folder = Folder::new();
    let path = folder.0.join("small.csv");
    write_log(&path, 100_000);
    let options = Options { operators: cities().sites().names().to_vec(), ..Options::default() };
    let log = read(File::open(&path).unwrap(), "small.csv", &options).unwrap();
    fit(&log, Some(cities()), &FitOptions::default()).unwrap().scenario().clone()
}

fn regular() -> Scenario {
    "tree = { arity = 2, depth = 7 }\nflow = { rate = 1000.0, assets = 3 }\n\
     timing.latency = { model = \"proportional\", scale = 0.001 }\ntiming.period.model = \"back-to-back\"\n\
     timing.delay = \"batched\"\ndiscount.half_life = 1.0\n"
        .parse()
        .unwrap()
}

fn limits(_: &mut Criterion) {
    let folder = Folder::new();
    let (log, scenario) = (folder.0.join("log.csv"), folder.0.join("fitted.toml"));
    write_log(&log, ROWS);
    let start = Instant::now();
    let options = Options { operators: cities().sites().names().to_vec(), ..Options::default() };
    let found = read(File::open(&log).unwrap(), "log.csv", &options).unwrap();
    drop(black_box(fit(&found, Some(cities()), &FitOptions::default()).unwrap()));
    println!("{ROWS:e} rows read and fitted: {:.1} s (limit 20)", start.elapsed().as_secs_f64());
    let mut command = Command::new(env!("CARGO_BIN_EXE_pooltree"));
    command.env("RAYON_NUM_THREADS", "1").arg("fit").arg(&log).args(["--sites", PLACES, "-o"]).arg(&scenario);
    let (time, memory) = measured(&mut command);
    println!("pooltree fit, which reads them twice, one thread: {:.1} s (limit 20)", time.as_secs_f64());
    println!("its memory: {memory:.1} MiB (limit 200)");
    let time = |scenario: &Scenario| {
        let tree = Architecture::full(scenario.tree());
        shortest(20, || drop(black_box(ClosedForm::evaluate(scenario, &tree).unwrap()))).as_secs_f64()
    };
    let cities = network();
    let (own, alike) = (time(&cities), time(&regular()));
    println!("closed form of 129 cities: {:.2} ms, of a complete tree of 128: {:.4} ms", 1e3 * own, 1e3 * alike);
    let pools = cities.tree().given_pools().unwrap();
    let parts: usize = (1..=pools.depth()).map(|height| pools.count(height - 1) + pools.count(height)).sum();
    let laws = parts * cities.network().unwrap().flow().classes().len();
    println!("per law: ratio {:.1} (limit 40), {laws} beside 7", own / laws as f64 / (alike / 7.0));
}

fn closed_forms(c: &mut Criterion) {
    let mut group = c.benchmark_group("network");
    group.sample_size(20);
    for (name, scenario) in [("129 cities", network()), ("complete tree of 128", regular())] {
        let tree = Architecture::full(scenario.tree());
        group.bench_function(format!("closed form, {name}"), |b| {
            b.iter(|| ClosedForm::evaluate(black_box(&scenario), &tree).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, limits, closed_forms);
criterion_main!(benches);
