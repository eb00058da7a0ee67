//! Files of sites: what is read, and what is said to a file that is none.

use pooltree::network::Sites;
use pooltree::network::sites::{Fibre, MOST_SITES, PlacesReport, RoundTripReport};
use proptest::prelude::*;
use std::fmt::Write;
use std::io::Read;
use std::path::PathBuf;

fn places(text: &[u8]) -> pooltree::Result<(Sites, PlacesReport)> {
    Sites::places_from_csv(text, "s.csv", &Fibre::default())
}

fn matrix(text: &[u8]) -> pooltree::Result<(Sites, RoundTripReport)> {
    Sites::round_trips_from_csv(text, "r.csv")
}

fn said<T: std::fmt::Debug>(found: pooltree::Result<T>) -> String {
    found.unwrap_err().to_string()
}

#[test]
fn a_wrong_place_is_told_with_file_row_column_and_what_is_allowed() {
    let north = "must be a number of degrees from -90 to 90";
    let east = "must be a number of degrees from -180 to 180";
    let cases = [
        ("b,90.5,0", format!("latitude = 90.5: {north}")),
        ("b,-91,0", format!("latitude = -91: {north}")),
        ("b,NaN,0", format!("latitude = NaN: {north}")),
        ("b,inf,0", format!("latitude = inf: {north}")),
        ("b,,0", format!("latitude = \"\": {north}")),
        ("b,47N,0", format!("latitude = 47N: {north}")),
        ("b,\"47,5\",0", format!("latitude = 47,5: {north}")),
        ("b,0,180.1", format!("longitude = 180.1: {east}")),
        ("b,0,east", format!("longitude = east: {east}")),
        (",0,0", "name = \"\": must be a name that is not empty".to_owned()),
        ("a,0,0", "name = a: must be different from the names before it".to_owned()),
        ("\" a \",0,0", "name = a: must be different from the names before it".to_owned()),
        ("b,0", "2 values; must be 3 values".to_owned()),
        ("b,0,0,0", "4 values; must be 3 values".to_owned()),
    ];
    for (row, wanted) in cases {
        let text = format!("name,latitude,longitude\na,1,2\n{row}\n");
        assert_eq!(said(places(text.as_bytes())), format!("s.csv: row 2: {wanted}"), "{row}");
    }
}

#[test]
fn a_wrong_header_or_no_row_is_told() {
    let columns = "the columns are name,latitude,longitude";
    let cases = [
        ("", format!("column name: missing; {columns}")),
        ("a,1,2\n", format!("column name: missing; {columns}")),
        ("name,latitude\na,1\n", format!("column longitude: missing; {columns}")),
        ("name,Latitude,longitude\na,1,2\n", format!("column latitude: missing; {columns}")),
        ("name,latitude,longitude,name\na,1,2,b\n", format!("column name: there twice; {columns}")),
        ("name,latitude,longitude\n", "no sites; must be at least one row".to_owned()),
    ];
    for (text, wanted) in cases {
        assert_eq!(said(places(text.as_bytes())), format!("s.csv: {wanted}"), "{text:?}");
    }
}

#[test]
fn layout_further_columns_and_comments_do_not_matter() {
    let wanted = places(b"name,latitude,longitude\nBern,46.9,7.4\n#2,0,-10\n").unwrap();
    assert_eq!(wanted.1, PlacesReport { sites: 2, ignored_columns: vec![], pairs_at_one_place: 0 });
    assert_eq!(wanted.0.names(), ["Bern", "#2"]);
    for text in [
        "longitude,latitude,name\n7.4,46.9,Bern\n-10,0,#2",
        "\u{feff}# source: a map\n\n# of 2020, \"\r\nname,latitude,longitude\r\nBern,+46.9,7.4e0\r\n#2,0,-10\r\n",
        " name , latitude , longitude \n\n\"Bern\", 46.90\t,7.4\n#2,-0,-1e1\n\n",
    ] {
        assert_eq!(places(text.as_bytes()).unwrap(), wanted, "{text:?}");
    }
    let text = "name,country,latitude,longitude,\nBern,CH,46.9,7.4,x\n#2,,0,-10,\nalso Bern,CH,46.9,7.4,\n";
    let (sites, report) = places(text.as_bytes()).unwrap();
    assert_eq!((report.ignored_columns, report.pairs_at_one_place), (vec!["country".into(), "\"\"".into()], 1));
    assert_eq!((sites.len(), sites.one_way(0, 1)), (3, wanted.0.one_way(0, 1)));
}

#[test]
fn a_wrong_round_trip_is_told_with_file_row_column_and_what_is_allowed() {
    let number = "must be a number of milliseconds, finite, at least 0 and at most 1000000000000, or empty";
    let cases = [
        ("b,-1,0", format!("row 2: column a = -1: {number}")),
        ("b,NaN,0", format!("row 2: column a = NaN: {number}")),
        ("b,inf,0", format!("row 2: column a = inf: {number}")),
        ("b,1e13,0", format!("row 2: column a = 1e13: {number}")),
        ("b,*,0", format!("row 2: column a = *: {number}")),
        ("b,5,x", format!("row 2: column b = x: {number}")),
        ("b,5", "row 2: 2 values; must be 3 values".to_owned()),
        ("b,5,0,0", "row 2: 4 values; must be 3 values".to_owned()),
        (",5,0", "row 2: name = \"\": must be a name that is not empty".to_owned()),
        ("a,5,0", "row 2: name = a: must be different from the names before it".to_owned()),
        ("c,5,0", "row 2: name = c: must be the name of a column".to_owned()),
        ("b,5,0\nc,5,0", "row 3: name = c: must be the name of a column".to_owned()),
        ("", "2 columns and 1 rows: no row for b; must be square".to_owned()),
    ];
    for (row, wanted) in cases {
        let text = format!("ms,a,b\na,0,5\n{row}\n");
        assert_eq!(said(matrix(text.as_bytes())), format!("r.csv: {wanted}"), "{row}");
    }
    let cases = [
        ("", "no sites; the first row must name at least one after its first value"),
        ("ms\n", "no sites; the first row must name at least one after its first value"),
        ("ms,a,\na,0,1\n", "header: column 3 = \"\": must be a name that is not empty"),
        ("ms,a,a\na,0,1\n", "header: column 3 = a: must be different from the names before it"),
        (
            "ms,a,b,c\na,0,4,\nb,4,0,\nc,,,0\n",
            "row a: column c = (not measured, no path from a to c): must be measured, or connected by pairs that are",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(said(matrix(text.as_bytes())), format!("r.csv: {wanted}"), "{text:?}");
    }
}

#[test]
fn round_trips_are_read_in_any_order_of_rows() {
    let wanted = matrix(b"ms,a,b,c\na,0,10,\nb,12,0.2,8\nc,,,\n").unwrap();
    assert_eq!(wanted.0.row(0), [0.0, 5.5, 9.5]);
    let report = &wanted.1;
    let counts = (report.both_directions, report.one_direction, report.by_path, report.diagonal_ignored);
    assert_eq!(counts, (1, 1, 1, 1));
    let other = matrix(b"\xef\xbb\xbf# 2020\n,a,b,c\r\nc,,,0\r\nb, 12 ,0.2,8\r\n\r\na,,1e1,\r\n").unwrap();
    assert_eq!(other, wanted);
    let (one, _) = matrix(b",only\nonly,\n").unwrap();
    assert_eq!((one.len(), one.one_way(0, 0)), (1, 0.0));
}

#[test]
fn text_that_is_none_too_many_sites_and_endless_files_are_refused() {
    let not_text = "not UTF-8 text; sites are a CSV file";
    assert_eq!(said(places(b"name,latitude,longitude\na,1,2\nb\xff,1,2\n")), format!("s.csv: row 2: {not_text}"));
    assert_eq!(said(places(b"n\xe4me,latitude,longitude\n")), format!("s.csv: {not_text}"));
    assert_eq!(said(matrix(b"ms,a\n\xff,1\n")), format!("r.csv: row 1: {not_text}"));
    assert_eq!(said(matrix(b"ms,\xff\n")), format!("r.csv: {not_text}"));

    let many = format!("more than {MOST_SITES} sites; at most {MOST_SITES} are allowed");
    let mut text = "name,latitude,longitude\n".to_owned();
    (0..=MOST_SITES).for_each(|i| writeln!(text, "n{i},0,0").unwrap());
    assert_eq!(said(places(text.as_bytes())), format!("s.csv: {many}"));
    let mut header = "ms".to_owned();
    (0..=MOST_SITES).for_each(|i| write!(header, ",n{i}").unwrap());
    assert_eq!(said(matrix(header.as_bytes())), "r.csv: 4097 sites; at most 4096 are allowed");

    let larger = "s: larger than 16 MiB; sites are a smaller CSV file";
    for start in ["", "#", "name,latitude,longitude\na,1,2\n"] {
        for byte in [0, b'x', b'\n', b'#'] {
            let source = start.as_bytes().chain(std::io::repeat(byte));
            assert_eq!(said(Sites::places_from_csv(source, "s", &Fibre::default())), larger, "{start:?} {byte}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let scratch = |name: &str| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let missing = scratch("no-such-sites.csv");
    let start = format!("{}: ", missing.display());
    for found in
        [said(Sites::places_from_file(&missing, &Fibre::default())), said(Sites::round_trips_from_file(&missing))]
    {
        assert!(found.starts_with(&start) && found.contains("No such file"), "{found}");
    }
    let found = said(Sites::places_from_file(scratch(""), &Fibre::default()));
    assert!(found.contains("directory"), "{found}");
    let path = scratch("sites-read.csv");
    std::fs::write(&path, "name,latitude,longitude\na,1,2\n").unwrap();
    assert_eq!(Sites::places_from_file(&path, &Fibre::default()).unwrap().0.names(), ["a"]);
    std::fs::write(&path, ",a,b\na,0,3\nb,,0\n").unwrap();
    assert_eq!(Sites::round_trips_from_file(&path).unwrap().0.one_way(0, 1), 1.5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the bytes, an answer: sites, or an error on one line that begins with the name of the file.
    #[test]
    fn no_bytes_are_too_strange(cuts in prop::collection::vec((0..200usize, any::<u8>()), 0..6)) {
        let mutated = |good: &str| {
            let mut bytes = good.as_bytes().to_vec();
            cuts.iter().for_each(|&(at, byte)| { let at = at % bytes.len(); bytes[at] = byte; });
            bytes
        };
        let found = [
            places(&mutated("# x\nname,latitude,longitude,y\na,1,2,\n\"b\",-90,180,\"1\"\n")).map(|found| found.0),
            matrix(&mutated("ms,a,b,c\na,0,10,\nb,12,0.2,8\nc,,,\n")).map(|found| found.0),
        ];
        for (found, name) in found.into_iter().zip(["s.csv: ", "r.csv: "]) {
            match found {
                Ok(sites) => prop_assert!(sites.row(0).iter().all(|latency| latency.is_finite())),
                Err(error) => {
                    let said = error.to_string();
                    prop_assert!(said.starts_with(name) && said.len() < 600 && !said.contains('\n'), "{}", said);
                }
            }
        }
    }
}
