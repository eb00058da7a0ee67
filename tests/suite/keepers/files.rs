//! Files of keepers: what is read, and what is said to a file that is none.

use pooltree::keepers::{Keeper, Keepers};
use proptest::prelude::*;
use std::fmt::Write;
use std::io::Read;
use std::path::PathBuf;

const HEADER: &str = "id,stake,bid,cost,ping,picked,succeeded,active";
const ALICE: &str = "alice,500,1.5,0.2,0.1,10,9,true";
const COLUMNS: &str = "id,stake,bid,cost,ping,picked,succeeded,active";

fn read(bytes: &[u8]) -> pooltree::Result<Keepers> {
    Keepers::from_csv(bytes, "k.csv", 1000)
}

fn said(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

fn alice() -> Keeper {
    Keeper { stake: 500.0, bid: 1.5, cost: 0.2, ping: 0.1, picked: 10, succeeded: 9, ..Keeper::new("alice") }
}

/// The register as a file, every name in quotes.
fn written(keepers: &Keepers) -> String {
    let mut text = format!("{HEADER}\n");
    for Keeper { id, stake, bid, cost, ping, picked, succeeded, active } in keepers.all() {
        let id = id.replace('"', "\"\"");
        writeln!(text, "\"{id}\",{stake},{bid:e},{cost},{ping:e},{picked},{succeeded},{active}").unwrap();
    }
    text
}

/// A good row before the one that is wrong: the number of the row is told, too.
#[test]
fn a_wrong_value_is_told_with_file_row_column_and_what_is_allowed() {
    let counts = "must be an integer from 0 to 9007199254740992";
    let number = "must be a number, finite and at least 0";
    let finite = "must be finite and at least 0";
    let cases = [
        ("bob,-5,1,0,0,1,1,true", "stake = -5: ".to_owned() + finite),
        ("bob,NaN,1,0,0,1,1,true", "stake = NaN: ".to_owned() + finite),
        ("bob,1,inf,0,0,1,1,true", "bid = inf: ".to_owned() + finite),
        ("bob,1,1,-infinity,0,1,1,true", "cost = -inf: ".to_owned() + finite),
        ("bob,1,1,0,-1e-300,1,1,true", "ping = -1e-300: ".to_owned() + finite),
        ("bob,1e400,1,0,0,1,1,true", "stake = inf: ".to_owned() + finite),
        ("bob,,1,0,0,1,1,true", "stake = \"\": ".to_owned() + number),
        ("bob,1,one,0,0,1,1,true", "bid = one: ".to_owned() + number),
        ("bob,1,1,0x10,0,1,1,true", "cost = 0x10: ".to_owned() + number),
        ("bob,1,1,0,1_000,1,1,true", "ping = 1_000: ".to_owned() + number),
        ("bob,1,1,0,\"1,5\",1,1,true", "ping = 1,5: ".to_owned() + number),
        ("bob,1,1,0,0,9007199254740993,1,true", "picked = 9007199254740993: ".to_owned() + counts),
        ("bob,1,1,0,0,99999999999999999999,1,true", "picked = 99999999999999999999: ".to_owned() + counts),
        ("bob,1,1,0,0,-1,0,true", "picked = -1: ".to_owned() + counts),
        ("bob,1,1,0,0,1.0,0,true", "picked = 1.0: ".to_owned() + counts),
        ("bob,1,1,0,0,,0,true", "picked = \"\": ".to_owned() + counts),
        ("bob,1,1,0,0,10,1e1,true", "succeeded = 1e1: ".to_owned() + counts),
        ("bob,1,1,0,0,10,11,true", "succeeded = 11: must be an integer from 0 to picked = 10".to_owned()),
        ("bob,1,1,0,0,10,9,yes", "active = yes: must be true or false".to_owned()),
        ("bob,1,1,0,0,10,9,", "active = \"\": must be true or false".to_owned()),
        ("bob,1,1,0,0,10,9,2", "active = 2: must be true or false".to_owned()),
        (",1,1,0,0,10,9,true", "id = \"\": must be a name that is not empty".to_owned()),
        ("\"  \",1,1,0,0,10,9,true", "id = \"\": must be a name that is not empty".to_owned()),
        ("alice,1,1,0,0,10,9,true", "id = alice: must be different from that of the rows before it".to_owned()),
        ("\" alice \",1,1,0,0,1,1,true", "id = alice: must be different from that of the rows before it".to_owned()),
        ("bob,1,1,0,0,10,9", "7 values; must be 8 values".to_owned()),
        ("bob,1,1,0,0,10,9,true,", "9 values; must be 8 values".to_owned()),
    ];
    for (row, wanted) in cases {
        let found = said(format!("{HEADER}\n{ALICE}\n{row}\n").as_bytes());
        assert_eq!(found, format!("k.csv: row 2: {wanted}"), "{row}");
    }
}

#[test]
fn a_wrong_header_is_told_by_its_column() {
    let cases = [
        ("", "column id: missing"),
        ("\n\n", "column id: missing"),
        ("alice,500,1.5,0.2,0.1,10,9,true", "column alice: unknown"),
        ("id,stake,bid,cost,ping,picked,succeeded", "column active: missing"),
        ("stake,bid,cost,ping,picked,succeeded,active", "column id: missing"),
        ("id,stake,bid,cost,ping,picked,succeeded,active,note", "column note: unknown"),
        ("id,stake,bid,cost,ping,picked,succeeded,active,", "column \"\": unknown"),
        ("id,stake,bid,cost,ping,picked,succeeded,active,stake", "column stake: there twice"),
        ("id,Stake,bid,cost,ping,picked,succeeded,active", "column Stake: unknown"),
        ("id;stake;bid;cost;ping;picked;succeeded;active", "column id;stake;bid;cost;ping;picked;succeeded;: unknown"),
    ];
    for (header, wanted) in cases {
        let found = said(format!("{header}\n{ALICE}\n").as_bytes());
        // Blank lines do not count: the first row takes the place of a header that is not there.
        let wanted = if header.trim().is_empty() { "column alice: unknown" } else { wanted };
        assert_eq!(found, format!("k.csv: {wanted}; the columns are {COLUMNS}"), "{header:?}");
    }
    assert_eq!(said(b""), format!("k.csv: column id: missing; the columns are {COLUMNS}"));
    assert_eq!(said(b"\n\r\n\n"), format!("k.csv: column id: missing; the columns are {COLUMNS}"));
}

#[test]
fn only_a_header_is_a_register_of_nobody() {
    for text in [HEADER.to_owned(), format!("{HEADER}\n"), format!("{HEADER}\r\n\r\n")] {
        assert!(read(text.as_bytes()).unwrap().is_empty(), "{text:?}");
    }
}

/// All the same register.
#[test]
fn layout_does_not_matter() {
    let wanted = Keepers::new(vec![alice(), Keeper { active: false, ..Keeper::new("bob") }]).unwrap();
    let bob = "bob,0,0,0,0,0,0,false";
    let texts = [
        format!("{HEADER}\n{ALICE}\n{bob}\n"),
        format!("{HEADER}\n{ALICE}\n{bob}"),
        format!("{HEADER}\r\n{ALICE}\r\n{bob}\r\n"),
        format!("\u{feff}{HEADER}\n{ALICE}\n{bob}\n"),
        format!("\n{HEADER}\n\n\n{ALICE}\n\n{bob}\n\n"),
        format!("{}\n{}\n{}\n", HEADER.replace(',', " , "), ALICE.replace(',', "\t,  "), bob.replace(',', ", ")),
        format!("{HEADER}\n\"alice\",\"500\",\"1.5\",\"0.2\",\"0.1\",\"10\",\"9\",\"true\"\n{bob}\n"),
        format!("{HEADER}\nalice,5e2,+1.5,.2,1E-1,010,9,TRUE\nbob,-0,0.,0,0e9,0,0,False\n"),
        format!("{HEADER}\nalice,500,1.5,0.2,0.1,10,9,1\nbob,0,0,0,0,0,0,0\n"),
        "active,succeeded,picked,ping,cost,bid,stake,id\ntrue,9,10,0.1,0.2,1.5,500,alice\nfalse,0,0,0,0,0,0,bob\n"
            .into(),
    ];
    for text in texts {
        assert_eq!(read(text.as_bytes()).unwrap(), wanted, "{text:?}");
    }
}

#[test]
fn names_are_any_text() {
    let long = "x".repeat(100_000);
    for id in ["a,b", "Zoë", "键", "say \"hi\"", "-1", "NaN", "two words", "0.id", long.as_str()] {
        let one = Keepers::new(vec![Keeper { id: id.to_owned(), ..alice() }]).unwrap();
        assert_eq!(read(written(&one).as_bytes()).unwrap(), one);
        // Twice, and the message stays short and on one line.
        let row = written(&one).lines().nth(1).unwrap().to_owned();
        let found = said(format!("{HEADER}\n{row}\n{row}\n").as_bytes());
        assert!(found.starts_with("k.csv: row 2: id = ") && found.len() < 400, "{found}");
        assert!(!found.contains('\n'));
    }
    let found = said(format!("{HEADER}\n\"a\nb\",1,1,1,1,1,1,true\n\"a\nb\",1,1,1,1,1,1,true\n").as_bytes());
    assert_eq!(found, "k.csv: row 2: id = a\\nb: must be different from that of the rows before it");
}

#[test]
fn long_and_strange_values_are_shown_short() {
    let long = "9".repeat(100_000);
    for value in [long.as_str(), "\u{1b}[31m", "a\u{0}b", "\u{202e}"] {
        for column in 1..8 {
            let mut fields: Vec<&str> = ALICE.split(',').collect();
            fields[column] = value;
            let Err(error) = read(format!("{HEADER}\n{}\n", fields.join(",")).as_bytes()) else { panic!("{column}") };
            let found = error.to_string();
            let name = HEADER.split(',').nth(column).unwrap();
            assert!(found.starts_with(&format!("k.csv: row 1: {name} = ")) && found.len() < 400, "{found}");
            assert!(found.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{found:?}");
        }
        let found = said(format!("{value},{HEADER}\n").as_bytes());
        assert!(found.starts_with("k.csv: column ") && found.len() < 400 && !found.contains('\u{1b}'), "{found}");
    }
}

#[test]
fn text_that_is_none_is_refused() {
    let not_text = "not UTF-8 text; keepers are a CSV file";
    let mut bytes = format!("{HEADER}\n{ALICE}\nb").into_bytes();
    bytes.extend(b"\xff\xfe,1,1,1,1,1,1,true\n");
    assert_eq!(said(&bytes), format!("k.csv: row 2: {not_text}"));
    assert_eq!(said(b"id,st\xe4ke\n"), format!("k.csv: {not_text}"));
    // UTF-16, with its mark.
    let wide: Vec<u8> = "\u{feff}id,stake".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(said(&wide), format!("k.csv: {not_text}"));
}

fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = scratch("no-such-keepers.csv");
    let found = Keepers::from_file(&missing, 10).unwrap_err().to_string();
    assert!(found.starts_with(&format!("{}: ", missing.display())) && found.contains("No such file"), "{found}");
    let folder = scratch("");
    let found = Keepers::from_file(&folder, 10).unwrap_err().to_string();
    assert!(found.starts_with(&format!("{}: ", folder.display())) && found.contains("directory"), "{found}");
    let path = scratch("keepers-read.csv");
    std::fs::write(&path, format!("{HEADER}\n{ALICE}\n")).unwrap();
    assert_eq!(Keepers::from_file(&path, 10).unwrap().all(), [alice()]);
}

#[test]
fn the_shipped_example_is_read_and_written_back() {
    let keepers = Keepers::from_file("examples/keepers.csv", 8).unwrap();
    assert_eq!(keepers.len(), 8);
    assert_eq!(keepers.all()[1].id, "north-east");
    for keepers in [keepers, Keepers::example()] {
        assert_eq!(read(written(&keepers).as_bytes()).unwrap(), keepers);
    }
}

/// Rows that are made while they are read.
struct Rows {
    next: usize,
    all: usize,
    line: Vec<u8>,
    read: usize,
}

impl Rows {
    fn new(all: usize) -> Self {
        Self { next: 0, all, line: format!("{HEADER}\n").into_bytes(), read: 0 }
    }
}

impl Read for &mut Rows {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if self.line.is_empty() && self.next < self.all {
            self.line = format!("k{},1,2,0,.1,3,2,1\n", self.next).into_bytes();
            self.next += 1;
        }
        let n = to.len().min(self.line.len());
        to[..n].copy_from_slice(&self.line[..n]);
        self.line.drain(..n);
        self.read += n;
        Ok(n)
    }
}

#[test]
fn a_million_rows_are_read_or_refused_at_the_limit() {
    let most = 200_000;
    assert_eq!(Keepers::from_csv(&mut Rows::new(most), "many", most).unwrap().len(), most);
    let mut rows = Rows::new(1_000_000);
    let found = Keepers::from_csv(&mut rows, "many", 2000).unwrap_err().to_string();
    assert_eq!(found, "many: more than 2000 keepers; at most 2000 are allowed here");
    assert!(rows.next < 20_000, "{} rows read", rows.next);
    let found = Keepers::from_csv(&mut Rows::new(1), "none", 0).unwrap_err().to_string();
    assert_eq!(found, "none: more than 0 keepers; at most 0 are allowed here");
    assert_eq!(Keepers::from_csv(&mut Rows::new(0), "none", 0).unwrap().len(), 0);
}

/// Sources that never end, on one line or on many: `/dev/zero`, or a pipe that somebody forgot to close.
#[test]
fn a_source_without_an_end_is_refused() {
    let larger = "endless: larger than 64 MiB; keepers are a small CSV file";
    let header = format!("{HEADER}\n{ALICE}\n");
    let endless = |start: &str, byte: u8| {
        let source = std::io::Cursor::new(start.to_owned().into_bytes()).chain(std::io::repeat(byte));
        Keepers::from_csv(source, "endless", 1000).unwrap_err().to_string()
    };
    assert_eq!(endless("", 0), larger);
    assert_eq!(endless(&header, b'x'), larger);
    assert_eq!(endless(&header, b'\n'), larger);
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("the wire is cut"))
    }
}

#[test]
fn a_source_that_breaks_off_is_told() {
    let found = Keepers::from_csv(Broken, "wire", 10).unwrap_err().to_string();
    assert!(found.starts_with("wire: ") && found.contains("the wire is cut"), "{found}");
    let found = Keepers::from_csv(format!("{HEADER}\n{ALICE}\n").as_bytes().chain(Broken), "wire", 10);
    let found = found.unwrap_err().to_string();
    assert!(found.starts_with("wire: row 2: ") && found.contains("the wire is cut"), "{found}");
}

fn keeper() -> impl Strategy<Value = Keeper> {
    let corner = || {
        prop_oneof![
            Just(0.0),
            Just(f64::MIN_POSITIVE),
            Just(5e-324),
            Just(f64::MAX),
            Just(0.1 + 0.2),
            0.0..1e3f64,
            proptest::num::f64::POSITIVE
        ]
        .prop_map(f64::abs)
        .prop_filter("finite", |x| x.is_finite())
    };
    let counts = prop_oneof![Just(0), Just(1 << 53), 0..1000u64];
    let id = "[^\\x00-\\x1f\\s]([^\\r\\n]{0,12}[^\\s])?";
    (id, [corner(), corner(), corner(), corner()], counts, 0.0..=1.0, any::<bool>()).prop_map(
        |(id, [stake, bid, cost, ping], picked, share, active)| {
            let succeeded = ((picked as f64 * share) as u64).min(picked);
            Keeper { id, stake, bid, cost, ping, picked, succeeded, active }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn written_and_read_again_is_the_same(all in prop::collection::vec(keeper(), 0..6)) {
        if let Ok(keepers) = Keepers::new(all) {
            prop_assert_eq!(read(written(&keepers).as_bytes()).unwrap(), keepers);
        }
    }

    /// Whatever the bytes, an answer: a register that holds, or an error that begins with the name of the file.
    #[test]
    fn no_bytes_are_too_strange(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec((0..200usize, any::<u8>()), 0..6),
        header in any::<bool>(),
    ) {
        let good = format!("{HEADER}\n{ALICE}\nbob,-0,\"1\",0,1e-3,4,4,false\n");
        let mut mutated = good.clone().into_bytes();
        for (at, byte) in cuts {
            let at = at % mutated.len();
            mutated[at] = byte;
        }
        let random = if header { [good.as_bytes(), &bytes].concat() } else { bytes };
        for text in [mutated, random] {
            match read(&text) {
                Ok(keepers) => prop_assert!(Keepers::new(keepers.all().to_vec()).is_ok()),
                Err(error) => {
                    let said = error.to_string();
                    prop_assert!(said.starts_with("k.csv: ") && said.len() < 600 && !said.contains('\n'), "{}", said);
                }
            }
        }
    }
}
