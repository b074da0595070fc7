//! Readers on good and bad files, and what is promised of the order of batches.

#![cfg(feature = "std")]

use std::fs;
use std::path::PathBuf;

use backprop_runtime::data::*;

fn file(name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("data");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, contents).unwrap();
    path
}

fn message(error: DataError) -> String {
    let text = error.to_string();
    text.rsplit_once('/')
        .map_or(text.clone(), |(_, rest)| rest.into())
}

#[test]
fn idx_files() {
    let path = file(
        "images",
        [
            0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 51, 255, 1, 2, 3,
        ],
    );
    let images = Idx::read(path).unwrap();
    assert_eq!(
        (images.shape(), images.samples(), images.sample_len()),
        (&[2, 1, 3][..], 2, 3)
    );
    assert_eq!(images.scaled::<f32>(1.0 / 255.0)[..3], [0.0, 0.2, 1.0]);
    assert_eq!(images.bytes(), Some(&[0, 51, 255, 1, 2, 3][..]));
    assert_eq!(images.labels(), Some(vec![0, 51, 255, 1, 2, 3]));

    let numbers = |code: u8, bytes: &[u8]| {
        let count = bytes.len() as u8 / [1, 1, 0, 2, 4, 4, 8][usize::from(code - 8)];
        let path = file(
            "numbers",
            [&[0, 0, code, 1, 0, 0, 0, count], bytes].concat(),
        );
        Idx::read(path).unwrap()
    };
    assert_eq!(numbers(0x09, &[255, 2]).scaled::<f64>(1.0), [-1.0, 2.0]);
    assert_eq!(
        numbers(0x0b, &[255, 254, 1, 0]).scaled::<f64>(1.0),
        [-2.0, 256.0]
    );
    assert_eq!(
        numbers(0x0c, &(-7_i32).to_be_bytes()).scaled::<f64>(2.0),
        [-14.0]
    );
    assert_eq!(
        numbers(0x0d, &1.5_f32.to_be_bytes()).scaled::<f64>(1.0),
        [1.5]
    );
    assert_eq!(
        numbers(0x0e, &(-0.1_f64).to_be_bytes()).scaled::<f64>(1.0),
        [-0.1]
    );
    assert_eq!(numbers(0x0e, &0.0_f64.to_be_bytes()).bytes(), None);
}

#[test]
fn damaged_idx_files() {
    let fails = |bytes: &[u8]| message(Idx::read(file("damaged", bytes)).unwrap_err());
    assert_eq!(
        fails(b"P5 28 28"),
        "damaged: not an IDX file: it does not begin with two zeros"
    );
    assert_eq!(
        fails(&[]),
        "damaged: not an IDX file: it does not begin with two zeros"
    );
    assert_eq!(fails(&[0, 0, 7, 1]), "damaged: no type has the code 0x07");
    assert_eq!(
        fails(&[0, 0, 8, 2, 0, 0, 0, 1]),
        "damaged: it ends within its 2 dimensions"
    );
    let short = "damaged: 1 bytes of elements, which do not fit the dimensions [2]";
    assert_eq!(fails(&[0, 0, 8, 1, 0, 0, 0, 2, 9]), short);
    // So many elements that their number overflows.
    let huge = [&[0, 0, 14, 3][..], &[255; 12], &[9]].concat();
    assert!(
        fails(&huge).contains("do not fit the dimensions [4294967295, 4294967295, 4294967295]")
    );
    let missing = Idx::read("nowhere/images.gz").unwrap_err();
    assert!(
        matches!(missing, DataError::Io { .. })
            && missing.to_string().starts_with("nowhere/images.gz: ")
    );
}

/// `[0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]`, as Python's gzip packs it.
const PACKED: [u8; 31] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 255, 99, 96, 224, 96, 100, 96, 96, 96, 102, 231, 224, 4, 0, 173,
    152, 10, 186, 11, 0, 0, 0,
];

#[cfg(feature = "gzip")]
#[test]
fn compressed_idx_files() {
    let labels = Idx::read(file("labels.gz", PACKED)).unwrap();
    assert_eq!(labels.labels(), Some(vec![7, 8, 9]));
    let error = message(Idx::read(file("cut.gz", &PACKED[..20])).unwrap_err());
    assert!(
        error.starts_with("cut.gz: it is compressed, and damaged: "),
        "{error}"
    );
}

#[cfg(not(feature = "gzip"))]
#[test]
fn compressed_idx_files_need_a_feature() {
    let error = message(Idx::read(file("labels.gz", PACKED)).unwrap_err());
    assert_eq!(
        error,
        "labels.gz: it is compressed: enable the feature `gzip`, or unpack it"
    );
}

#[test]
fn tables() {
    let table = Table::<f32>::read(file("a.csv", "x, y,z\n1,2.5 ,-3e2\n\n 4,5,6\n")).unwrap();
    assert_eq!(table.header(), ["x", "y", "z"]);
    assert_eq!((table.rows(), table.columns()), (2, 3));
    assert_eq!(table.values(), [1.0, 2.5, -300.0, 4.0, 5.0, 6.0]);
    assert_eq!(table.row(1), [4.0, 5.0, 6.0]);
    let table = Table::<f64>::read_separated(file("b.txt", "1   2\n3\t4\n"), ' ').unwrap();
    assert!(table.header().is_empty());
    assert_eq!(table.values(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(Table::<f64>::read(file("empty.csv", "")).unwrap().rows(), 0);

    let fails = |text: &str| message(Table::<f64>::read(file("bad.csv", text)).unwrap_err());
    assert_eq!(fails("1,2\n3,x\n"), "bad.csv:2: `x` is not a number");
    assert_eq!(
        fails("a,b\n\n1,2\n3\n"),
        "bad.csv:4: 1 columns, and 2 in the lines before"
    );
    assert_eq!(fails("1,2\n3,\n"), "bad.csv:2: `` is not a number");
    assert_eq!(fails("1,2\ninf,1\n"), "bad.csv:2: `inf` is not finite");
}

#[test]
fn texts() {
    let text = Text::read(file("a.txt", "né\nnn")).unwrap();
    assert_eq!(text.vocabulary(), ['\n', 'n', 'é']);
    assert_eq!(text.tokens(), [1, 2, 0, 1, 1]);
    assert_eq!(text.decode(text.tokens()), "né\nnn");
    assert_eq!(text.encode("nn"), Ok(vec![1, 1]));
    assert_eq!(
        message(Text::read(file("empty.txt", "")).unwrap_err()),
        "empty.txt: there is no text in it"
    );
    assert!(
        Text::read(file("latin.txt", [0xe9]))
            .unwrap_err()
            .to_string()
            .contains("UTF-8")
    );
}

#[test]
fn batches_in_random_order() {
    let mut batches = Batches::new(10, 4, 5);
    let mut orders = Vec::new();
    for epoch in 1..=200 {
        let lens: Vec<usize> = batches.epoch().map(<[usize]>::len).collect();
        assert_eq!(lens, [4, 4, 2]);
        assert_eq!(batches.epochs(), epoch);
    }
    // The same seed and epoch, the same order; each position is first about as often as any other.
    let (mut again, mut first) = (Batches::new(10, 4, 5), [0; 10]);
    let mut other = Batches::new(10, 4, 6);
    let mut batches = Batches::new(10, 4, 5);
    for _ in 0..5000 {
        let order: Vec<usize> = batches.epoch().flatten().copied().collect();
        assert_eq!(order, again.epoch().flatten().copied().collect::<Vec<_>>());
        first[order[0]] += 1;
        if orders.len() < 20 {
            assert_ne!(order, other.epoch().flatten().copied().collect::<Vec<_>>());
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..10).collect::<Vec<_>>());
            assert!(!orders.contains(&order));
            orders.push(order);
        }
    }
    // Five standard deviations of a binomial distribution.
    assert!(
        first.iter().all(|count| (500_i32 - count).abs() < 107),
        "{first:?}"
    );
    assert_eq!(Batches::new(0, 3, 1).epoch().len(), 0);
}
