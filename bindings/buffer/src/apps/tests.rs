use super::*;
use crate::Writer;

/// A list as a phone has it: every field known, two signers' worth of digests on each third.
fn buffer(apps: u16) -> Vec<u8> {
    let mut out = Writer::default();
    out.u8(VERSION);
    out.u16(apps);
    let mut bytes = out.finish();
    for number in 0..apps {
        let mut app = Writer::default();
        app.text(Some(&format!("com.example.app{number}")));
        app.text(Some("com.android.vending"));
        app.text(Some(&format!("Exämple {number}")));
        app.text(None);
        app.text(Some("1.2.3"));
        app.u64(u64::from(number));
        app.u64(u64::MAX);
        app.u64(7);
        app.u16(0b1000_0000_0001);
        app.u8(1);
        app.u8(3);
        bytes.extend(app.finish());
        bytes.extend([0xa5; 20]);
        bytes.extend([0x5a; 32]);
    }
    bytes
}

#[test]
fn a_list_is_read_field_by_field() {
    let apps = parse(&buffer(2)).unwrap();
    let app = &apps[1];
    assert_eq!((apps.len(), app.id.reveal()), (2, "com.example.app1"));
    assert_eq!(app.installer.as_ref().unwrap().reveal(), "com.android.vending");
    assert_eq!(app.name.as_ref().unwrap().reveal(), "Exämple 1");
    assert_eq!((app.short_version.as_ref(), app.bundle_size, app.dynamic_size), (None, Some(1), None));
    assert_eq!(app.updated, Some(Wall(7)));
    assert_eq!((app.ad_hoc_signed, app.beta, app.validated), (Some(false), None, Some(true)));
    assert_eq!(app.signers[0].sha1, Some(Sha1::new([0xa5; 20])));
    assert_eq!(app.signers[0].sha256, Some(Digest::new([0x5a; 32])));
    assert_eq!(parse(&[VERSION, 0, 0]), Ok(Vec::new()));
}

#[test]
fn nothing_may_be_missing_or_left_over() {
    let whole = buffer(3);
    for end in 0..whole.len() {
        assert_eq!(parse(&whole[..end]), Err(Malformed), "{end}");
    }
    assert_eq!(parse(&[whole.as_slice(), &[0]].concat()), Err(Malformed));
    assert_eq!(parse(&[2, 0, 0]), Err(Malformed), "a later version");
    assert_eq!(parse(&[VERSION, 0xff, 0xff]), Err(Malformed), "more apps than bytes");
    assert!(parse(&buffer(5_000)).is_ok());
    assert_eq!(parse(&buffer(5_001)), Err(Malformed), "above the bound");
    assert_eq!(parse(&vec![VERSION; MAX_BYTES + 1]), Err(Malformed));
}

#[test]
fn an_app_that_cannot_be_named_refuses_the_list() {
    let named = |id: Option<&str>, answers: u16, signers: u8| {
        let mut out = Writer::default();
        out.u8(VERSION);
        out.u16(1);
        out.text(id);
        for _ in 0..4 {
            out.text(None);
        }
        for _ in 0..3 {
            out.u64(0);
        }
        out.u16(answers);
        out.u8(signers);
        parse(&out.finish()).map(|apps| apps.len())
    };
    assert_eq!(named(Some("a"), 0, 0), Ok(1));
    for id in [None, Some(""), Some("a\nb"), Some("x".repeat(256).as_str())] {
        assert_eq!(named(id, 0, 0), Err(Malformed));
    }
    assert_eq!(named(Some("a"), 0b11, 0), Err(Malformed), "neither no nor yes");
    assert_eq!(named(Some("a"), 1 << 12, 0), Err(Malformed), "a seventh answer");
    assert_eq!(named(Some("a"), 0, 9), Err(Malformed), "too many signers");
}

#[test]
fn garbage_is_refused_or_read_and_never_panics() {
    const SEED: u64 = 7;
    let mut drawn = SEED;
    let mut below = |most: usize| {
        drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(drawn >> 33).unwrap() % most
    };
    let whole = buffer(20);
    let mut read = 0;
    for round in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..=below(6) {
            let at = below(bytes.len());
            bytes[at] = u8::try_from(below(256)).unwrap();
        }
        bytes.truncate(below(bytes.len() * 4));
        if let Ok(apps) = parse(&bytes) {
            assert_eq!(apps.len(), 20, "seed {SEED}, round {round}");
            read += 1;
        }
    }
    assert!(read > 100, "some changes leave a list: {read}");
}

#[test]
fn one_store_s_name_is_kept_once() {
    let apps = parse(&buffer(3)).unwrap();
    let names: Vec<_> = apps.iter().map(|app| app.installer.as_ref().unwrap().reveal().as_ptr()).collect();
    assert_eq!((names[0], names[1]), (names[1], names[2]));
}
