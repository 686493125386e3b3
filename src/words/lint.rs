//! What must hold of every text and of every template that shows one.

use super::{Lang, Words};
use std::fs;
use std::path::{Path, PathBuf};

/// Words that blame, or that say nothing.
const BANNED: [&str; 7] = ["不正", "無効", "エラーが発生", "半角で", "全角で", "お手数", "ご入力ください"];
/// The longest sentences, in characters.
const LONGEST: usize = 60;
const LONGEST_SIMPLE: usize = 45;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates")
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|own| own == ending))
        .collect()
}

/// The lines of a language that hold text, each with its place.
fn lines(language: &str) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for file in files(&root().join("words").join(language), "ftl") {
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let text = line.split_once(" = ").map_or(line, |(_, text)| text);
            if !line.starts_with('#') {
                lines.push((format!("{}:{}", file.display(), number + 1), text.to_owned()));
            }
        }
    }
    assert!(lines.len() > 40, "the texts of {language} have moved");
    lines
}

/// The text as it is read: without readings, marks and placeholders.
fn read_aloud(text: &str) -> String {
    let mut inside = None;
    let mut read = String::new();
    for c in text.chars() {
        match (inside, c) {
            (None, '《') => inside = Some('》'),
            (None, '{') => inside = Some('}'),
            (Some(end), c) if c == end => inside = None,
            (None, c) if c != '｜' => read.push(c),
            _ => {}
        }
    }
    read
}

fn longer_than(most: usize, language: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, text) in lines(language) {
        let read = read_aloud(&text);
        if let Some(long) = read.split(['。', '？']).find(|sentence| sentence.chars().count() > most) {
            faults.push(format!("{place} {long}"));
        }
    }
    faults
}

#[test]
fn sentences_are_short() {
    let faults = [longer_than(LONGEST, "ja"), longer_than(LONGEST_SIMPLE, "ja-simple")].concat();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_text_blames() {
    for (place, text) in [lines("ja"), lines("ja-simple")].concat() {
        let read = read_aloud(&text);
        assert!(BANNED.iter().all(|word| !read.contains(word)), "{place} {read}");
    }
}

/// True if a kanji stands in `text` outside what a reading belongs to.
fn has_unread_kanji(text: &str) -> bool {
    let is_kanji = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '々');
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('《') {
        let plain = before.rsplit_once('｜').map_or_else(|| before.trim_end_matches(is_kanji), |(plain, _)| plain);
        if plain.contains(is_kanji) {
            return true;
        }
        rest = after.split_once('》').map_or("", |(_, after)| after);
    }
    rest.contains(is_kanji)
}

#[test]
fn every_kanji_of_easy_japanese_has_its_reading() {
    assert!(has_unread_kanji("窓口へ") && has_unread_kanji("窓《まど》、口") && has_unread_kanji("本を｜読む《よむ》"));
    assert!(!has_unread_kanji("窓口《まどぐち》と｜読む《よむ》"));
    let faults: Vec<_> = lines("ja-simple").into_iter().filter(|(_, text)| has_unread_kanji(text)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// What the sample libraries say in やさしい日本語, line by line.
fn lines_of_samples() -> Vec<(String, String)> {
    fn walk(place: &str, value: &toml::Value, found: &mut Vec<(String, String)>) {
        match value {
            toml::Value::Table(table) => {
                if let Some(text) = table.get("ja-simple").and_then(toml::Value::as_str) {
                    found.extend(text.lines().map(|line| (place.to_owned(), line.to_owned())));
                }
                table.iter().for_each(|(key, value)| walk(&format!("{place}.{key}"), value, found));
            }
            toml::Value::Array(list) => list.iter().for_each(|value| walk(place, value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for file in files(&root().with_file_name("deploy").join("libraries"), "toml") {
        walk(&file.display().to_string(), &toml::from_str(&fs::read_to_string(&file).unwrap()).unwrap(), &mut found);
    }
    assert!(found.len() > 80, "the samples have moved");
    found
}

#[test]
fn the_sample_libraries_write_easy_japanese_as_the_portal_does() {
    for (place, text) in lines_of_samples() {
        assert!(!has_unread_kanji(&text), "{place}: {text}");
        let read = read_aloud(&text);
        // What stands between commas may be a list of names.
        let is_list = read.matches('、').count() > 5 && !read.contains('。');
        let long = read.split(['。', '？']).find(|sentence| sentence.chars().count() > LONGEST_SIMPLE);
        assert!(is_list || long.is_none(), "{place}: {long:?}");
    }
}

/// Where a template shows a text inside a tag, a title or an option, though readings are markup.
fn misplaced(template: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, _) in template.match_indices("layout.words.") {
        let before = &template[..at];
        let shown = &template[at..at + template[at..].find("}}").unwrap_or(0).max(1)];
        let Some(open) = before.rfind("{{") else { continue };
        if before[open..].contains("}}") || shown.contains(".plain()") || shown.starts_with("layout.words.lang()") {
            continue;
        }
        let before = &before[..open];
        let in_tag = before.rfind('<').is_some_and(|start| !before[start..].contains('>'));
        let in_plain = ["<title", "<option", "<textarea", "{% block title"].iter().any(|start| {
            let end = if start.starts_with('{') { "{% endblock" } else { "</" };
            before.rfind(start).is_some_and(|start| !before[start..].contains(end))
        });
        if in_tag || in_plain {
            faults.push(shown.to_owned());
        }
    }
    faults
}

#[test]
fn readings_never_stand_where_markup_cannot() {
    assert_eq!(misplaced("<a title=\"{{ layout.words.a() }}\">").len(), 1);
    assert_eq!(misplaced("{% block title %}{{ layout.words.a() }}{% endblock %}").len(), 1);
    assert!(misplaced("<a title=\"{{ layout.words.a().plain() }}\">{{ layout.words.b() }}</a>").is_empty());
    for file in files(&root(), "html") {
        let faults = misplaced(&fs::read_to_string(&file).unwrap());
        assert!(faults.is_empty(), "{}: {faults:?}", file.display());
    }
}

/// What `static/app.js` calls the button that leads on, in the order of the languages.
#[test]
fn the_script_calls_a_button_as_the_texts_do() {
    let script = fs::read_to_string(root().with_file_name("static").join("app.js")).unwrap();
    let names: Vec<&str> = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix("goOn: \"").and_then(|rest| rest.strip_suffix("\",")))
        .collect();
    assert_eq!(names.len(), Lang::COMPLETE.len());
    for (lang, name) in Lang::COMPLETE.iter().zip(names) {
        let told = Words::new(*lang).apply_sign_is_signed().plain();
        assert!(told.contains(name), "{lang}: {name} / {told}");
    }
}
