use super::*;
use crate::domain::exchange::{
    CardState, DateForm, Direction, ExportRow, LineEnding, Note, NoteKind, Quoting, Separator, WidthForm, write,
};
use crate::domain::library::LibraryRules;
use proptest::prelude::*;
use time::macros::date;

const HIMEJI: &str = include_str!("../../../../deploy/libraries/himeji.toml");
const SHIOMI: &str = include_str!("../../../../deploy/libraries/shiomi.toml");
const TODAY: Date = date!(2026 - 11 - 20);

fn rules() -> LibraryRules {
    LibraryRules::parse(HIMEJI).unwrap()
}

fn profile(rules: &LibraryRules, direction: Direction) -> Profile {
    rules.exchange.going(direction).next().unwrap().clone()
}

/// The profile that reads everything that can be read, and writes it too.
fn everything() -> Profile {
    let import = profile(&rules(), Direction::Import);
    Profile { encoding: Encoding::Utf8, ..import }
}

fn row(name: &str) -> ExportRow {
    let rules = rules();
    ExportRow {
        number: rules.number_series.number(7).unwrap(),
        state: CardState::Valid,
        expires_on: date!(2029 - 11 - 20),
        issued_on: date!(2026 - 11 - 20),
        is_linked: true,
        reference: None,
        name: name.parse().unwrap(),
        kana: "ヒメジ ハナコ".parse().unwrap(),
        birth: "1985-04-27".parse().unwrap(),
        address: Some(
            PostalAddress::parse(TypedAddress {
                postcode: "6700012",
                prefecture: "28",
                municipality: "姫路市",
                line1: "本町68",
                line2: "",
            })
            .unwrap(),
        ),
        phone: Some("079-000-0000".parse().unwrap()),
        email: Some("hanako@example.jp".parse().unwrap()),
        category: Some("resident".parse().unwrap()),
        branch: Some("jonai".parse().unwrap()),
    }
}

/// What reading gives of what was written.
fn expected(row: &ExportRow) -> ImportRow {
    let row = row.clone();
    ImportRow {
        number: row.number,
        expires_on: row.expires_on,
        issued_on: Some(row.issued_on),
        name: row.name,
        kana: row.kana,
        birth: row.birth,
        address: row.address,
        phone: row.phone,
        email: row.email,
        category: row.category,
        branch: row.branch,
    }
}

fn text_of(profile: &Profile, rows: &[ExportRow]) -> String {
    String::from_utf8(write(profile, rows).unwrap().bytes).unwrap()
}

const GOOD: &str = "300000014,姫路　花子,ヒメジ ハナコ,19850427,女,670-0012,兵庫県,姫路市,本町68,,079-000-0000,\
                    hanako@example.jp,01,001,20261120,20291120";

fn titles() -> String {
    let titles: Vec<String> = everything().columns.iter().map(|column| column.title.clone()).collect();
    titles.join(",")
}

/// The outcome of the one line that is `GOOD` with `old` replaced.
fn read_changed(old: &str, new: &str) -> Result<ImportRow, Vec<LineFault>> {
    assert!(GOOD.contains(old), "{old}");
    let file = format!("{}\n{}\n", titles(), GOOD.replacen(old, new, 1));
    let mut lines = read(&everything(), &rules().known_codes(), TODAY, file.as_bytes()).unwrap();
    assert_eq!((lines.len(), lines[0].number), (1, 2));
    lines.remove(0).outcome
}

#[test]
fn the_sample_writes_what_an_old_system_reads() {
    let rules = rules();
    let file = write(&profile(&rules, Direction::Export), &[row("𠮷野\u{3000}髙子")]).unwrap();
    let text = SHIFT_JIS.decode(&file.bytes).0.into_owned();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("\"利用者番号\",\"氏名\",\"カナ氏名\","), "{text}");
    assert_eq!(
        lines[1],
        "\"300000083\",\"吉野　髙子\",\"ﾋﾒｼﾞ ﾊﾅｺ\",\"19850427\",\"670-0012\",\"兵庫県\",\"姫路市\",\"本町６８\",\"\",\
         \"079-000-0000\",\"hanako@example.jp\",\"01\",\"001\",\"20261120\",\"20291120\",\"WEB\""
    );
    assert_eq!(lines[2..], [""]);
    let kind = NoteKind::Replaced { from: '𠮷', to: "吉".to_owned() };
    assert_eq!(file.notes, [Note { row: 0, column: "氏名".to_owned(), kind }]);
    assert_eq!(&file.bytes[file.rows[0].clone()], &file.bytes[file.bytes.len() - file.rows[0].len()..]);
}

#[test]
fn a_spreadsheet_computes_nothing() {
    let rules = LibraryRules::parse(SHIOMI).unwrap();
    let profile = profile(&rules, Direction::Export);
    assert!(profile.spreadsheet);
    let file = write(&profile, &[row("=HYPERLINK(\"http://x\")"), row("'quoted")]).unwrap();
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.starts_with('\u{feff}'));
    assert!(text.contains("\"'=HYPERLINK(\"\"http://x\"\")\"") && text.contains(",''quoted,"), "{text}");
    let bare = Profile { spreadsheet: false, ..profile };
    let file = write(&bare, &[row("=1+1")]).unwrap();
    assert!(file.notes.iter().any(|note| note.kind == NoteKind::FormulaSign), "{:?}", file.notes);
}

#[test]
fn long_names_are_cut_and_told() {
    let mut profile = everything();
    profile.columns[1].max_length = Some(2);
    profile.columns[2] = Column { width: WidthForm::Half, max_length: Some(3), ..profile.columns[2].clone() };
    let file = write(&profile, &[row("姫路　花子")]).unwrap();
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.contains(",姫路,ﾋﾒ,"), "no mark without its letter: {text}");
    assert_eq!(file.notes.len(), 2);
    assert_eq!(file.notes[0].kind, NoteKind::Cut { length: 5 });
}

#[test]
fn a_line_says_everything_about_a_patron() {
    let row = read_changed("", "").unwrap();
    assert_eq!(row.number.as_str(), "300000014");
    assert_eq!((row.expires_on, row.issued_on), (date!(2029 - 11 - 20), Some(date!(2026 - 11 - 20))));
    assert_eq!(row.category.unwrap().as_str(), "resident");
    assert_eq!(row.address.unwrap().one_line(), "兵庫県姫路市本町68");
}

#[test]
fn what_may_be_missing_may_be_missing() {
    let row =
        read_changed("670-0012,兵庫県,姫路市,本町68,,079-000-0000,hanako@example.jp,01,001,20261120", ",,,,,,,,,")
            .unwrap();
    assert_eq!((row.address, row.phone, row.email, row.category, row.branch), (None, None, None, None, None));
    assert_eq!(row.issued_on, None);
}

#[test]
fn every_fault_is_named() {
    for (old, new, fault) in [
        ("300000014", "300000013", LineFault::ForeignNumber),
        ("300000014", "", LineFault::Number(InvalidCardNumber::Empty)),
        ("300000014", "番号", LineFault::Number(InvalidCardNumber::OtherSigns)),
        ("300000014", "1234 5678 9018", LineFault::MyNumber),
        ("姫路　花子", "", LineFault::Name(InvalidName::Empty)),
        ("姫路　花子", "姫路\u{e000}", LineFault::Name(InvalidName::Unprintable)),
        ("ヒメジ ハナコ", "姫路", LineFault::Kana(InvalidKana::OtherLetters)),
        ("19850427", "19850229", LineFault::Birth(InvalidBirth::UnclearYear)),
        ("19850427", "", LineFault::Birth(InvalidBirth::Empty)),
        ("20291120", "2029-11-20", LineFault::Expiry),
        ("20291120", "", LineFault::Expiry),
        ("20261120", "2026", LineFault::IssuedOn),
        (",01,", ",99,", LineFault::Category),
        (",001,", ",1,", LineFault::Branch),
        ("兵庫県,", ",", LineFault::Address(AddressPart::Prefecture)),
        ("079-000-0000", "12", LineFault::Phone),
        ("hanako@example.jp", "hanako", LineFault::Email(InvalidEmail::Form)),
        ("女,", "女,,", LineFault::Cells { expected: 16, found: 17 }),
    ] {
        assert_eq!(read_changed(old, new).unwrap_err(), [fault], "{new}");
    }
    let birth = read_changed("19850427", "20270101").unwrap_err();
    assert!(matches!(birth[..], [LineFault::Birth(InvalidBirth::Future(_))]), "{birth:?}");
    let many = read_changed("300000014,姫路　花子", ",").unwrap_err();
    assert_eq!(many.len(), 2, "a line is told with all its faults: {many:?}");
}

#[test]
fn numbers_of_an_older_series_are_read_where_the_rules_say_so() {
    let profile = Profile { numbers: NumberCheck::Any, ..everything() };
    let file = format!("{}\n{}\n", titles(), GOOD.replace("300000014", "A-123 4"));
    let lines = read(&profile, &rules().known_codes(), TODAY, file.as_bytes()).unwrap();
    assert_eq!(lines[0].outcome.as_ref().unwrap().number.as_str(), "A1234");
    let file = file.replace("A-123 4", "123456789018");
    let lines = read(&profile, &rules().known_codes(), TODAY, file.as_bytes()).unwrap();
    assert_eq!(lines[0].outcome, Err(vec![LineFault::MyNumber]), "but never a My Number");
}

#[test]
fn one_bad_line_does_not_stop_the_others() {
    let second = GOOD.replace("300000014", "300000021");
    let long = GOOD.replace("姫路　花子", &"長".repeat(2000));
    let file = format!("{}\r\n{GOOD}\r\nx\r\n{long}\r\n{second}\r\n{GOOD}", titles());
    let lines = read(&everything(), &rules().known_codes(), TODAY, file.as_bytes()).unwrap();
    let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6]);
    assert!(lines[0].outcome.is_ok() && lines[3].outcome.is_ok());
    assert_eq!(lines[1].outcome, Err(vec![LineFault::Cells { expected: 16, found: 1 }]));
    assert_eq!(lines[2].outcome, Err(vec![LineFault::TooLong]));
    assert_eq!(lines[4].outcome, Err(vec![LineFault::RepeatedNumber { first: 2 }]));
}

#[test]
fn bytes_that_are_no_text_are_found() {
    let rules = rules();
    for encoding in [Encoding::Utf8, Encoding::ShiftJis] {
        let profile = Profile { encoding, ..everything() };
        let mut file = match encoding {
            Encoding::ShiftJis => SHIFT_JIS.encode(&format!("{}\n{GOOD}\n", titles())).0.into_owned(),
            _ => format!("{}\n{GOOD}\n", titles()).into_bytes(),
        };
        assert!(read(&profile, &rules.known_codes(), TODAY, &file).unwrap()[0].outcome.is_ok());
        let at = file.windows(9).position(|bytes| bytes == b"300000014").unwrap() + 10;
        file[at] = 0xff;
        let lines = read(&profile, &rules.known_codes(), TODAY, &file).unwrap();
        let at = u64::try_from(at).unwrap() + 1;
        assert_eq!(lines[0].outcome, Err(vec![LineFault::Encoding { at }]), "{encoding:?}");
    }
}

#[test]
fn a_file_of_another_kind_is_refused_whole() {
    let rules = rules();
    let read = |text: &str| read(&everything(), &rules.known_codes(), TODAY, text.as_bytes());
    assert_eq!(read(""), Err(FileFault::Empty));
    assert_eq!(read(&titles()), Err(FileFault::Empty));
    let swapped = titles().replace("氏名,カナ氏名", "カナ氏名,氏名");
    let fault = FileFault::Title { column: 2, expected: "氏名".into(), found: "カナ氏名".into() };
    assert_eq!(read(&swapped), Err(fault));
    let more = FileFault::Title { column: 17, expected: String::new(), found: "備考".into() };
    assert_eq!(read(&format!("{},備考\n", titles())), Err(more));
    assert!(read(&format!("\u{feff}{}\n{GOOD}\n", titles())).unwrap()[0].outcome.is_ok(), "a mark may stand before it");
}

fn profiles() -> impl Strategy<Value = Profile> {
    (0_usize..3, 0_usize..4, any::<[bool; 5]>()).prop_map(|(encoding, form, [tab, lf, always, header, spreadsheet])| {
        let forms = [DateForm::Hyphens, DateForm::Slashes, DateForm::Digits, DateForm::Era];
        let mut profile = Profile {
            encoding: [Encoding::Utf8, Encoding::Utf8Bom, Encoding::ShiftJis][encoding],
            separator: if tab { Separator::Tab } else { Separator::Comma },
            line_ending: if lf { LineEnding::Lf } else { LineEnding::Crlf },
            quoting: if always { Quoting::Always } else { Quoting::Necessary },
            header,
            spreadsheet,
            ..everything()
        };
        for column in profile.columns.iter_mut().filter(|column| column.field.is_day()) {
            column.date = Some(forms[form]);
        }
        profile.columns[2].width = [WidthForm::AsIs, WidthForm::Half, WidthForm::Full][encoding];
        profile
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        profile in profiles(),
        name in "[-=+@'\"a-z,;姫路髙﨑]{1,12}",
        kana in "[ァ-ヲ]{1,9}",
        building in "[-=+@'\", 0-9表ソ十Ａ－]{0,12}",
        days in 1_i64..40_000,
        sequence in 0_u64..100_000,
    ) {
        let rules = rules();
        let day = date!(1900 - 01 - 01) + time::Duration::days(days);
        let mut row = row(&name);
        row.number = rules.number_series.number(sequence).unwrap();
        row.kana = kana.parse().unwrap();
        row.birth = day.to_string().parse().unwrap();
        row.expires_on = day + time::Duration::days(9_000);
        let typed = TypedAddress {
            postcode: "6700012", prefecture: "28", municipality: "姫路市", line1: "本町「68」", line2: &building,
        };
        row.address = Some(PostalAddress::parse(typed).unwrap());
        let file = write(&profile, std::slice::from_ref(&row)).unwrap();
        prop_assert!(file.notes.iter().all(|note| note.kind == NoteKind::FormulaSign));
        prop_assert_eq!(&write(&profile, std::slice::from_ref(&row)).unwrap(), &file, "the same rows make the same bytes");
        let lines = read(&profile, &rules.known_codes(), date!(2030 - 01 - 01), &file.bytes).unwrap();
        prop_assert_eq!(lines.len(), 1);
        prop_assert_eq!(lines[0].outcome.as_ref().unwrap(), &expected(&row));
    }

    #[test]
    fn no_file_stops_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300), profile in profiles()) {
        let _ = read(&profile, &rules().known_codes(), TODAY, &bytes);
    }
}

#[test]
fn a_quote_that_is_never_closed_takes_the_rest_for_one_line() {
    let file = format!("{}\n\"{GOOD}\n{GOOD}\n", titles());
    let lines = read(&everything(), &rules().known_codes(), TODAY, file.as_bytes()).unwrap();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].outcome.is_err());
    assert!(text_of(&everything(), &[row("a\"b")]).contains("\"a\"\"b\""));
}
