//! Turns the texts of `templates/words/<language>/**.ftl` into methods of `Words`, and fails the build where a file lacks
//! a key, has one too many, or asks for other placeholders than the Japanese one, and where a language lacks a file that
//! it must have: all of them for the first three, those of `EVERYWHERE` for the others.
//!
//! A text `title` in `apply/who.ftl` becomes `apply_who_title()`; its placeholders become parameters in the order in
//! which Japanese first names them. A placeholder that any language counts by (`{ $n -> [one] … }`) takes a number.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// The languages in the order of `Lang`: Japanese is what the others are held against.
const LANGUAGES: [&str; 7] = ["ja", "ja-simple", "en", "zh-Hans", "ko", "vi", "pt"];
/// The first so many speak every page.
const COMPLETE: usize = 3;
/// Where English stands, which speaks for a language that lacks an area.
const ENGLISH: usize = 2;
/// The areas that every language has.
const EVERYWHERE: [&str; 3] = ["layout", "procedures", "start"];

/// The texts of one language, by the name of their method.
type Texts = BTreeMap<String, Vec<Part>>;

/// A piece of a text.
enum Part {
    Text(String),
    Ruby(String, String),
    Value(String),
    Count(String, Vec<(When, Vec<Part>)>),
}

/// When a variant of a counted text is said.
enum When {
    Exactly(u64),
    One,
    Otherwise,
}

fn main() {
    let folder = Path::new("templates/words");
    println!("cargo::rerun-if-changed=templates/words");
    println!("cargo::rerun-if-changed=src/words/build.rs");
    match generate(folder) {
        Ok(code) => {
            let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
            if let Err(error) = fs::write(out.join("words.rs"), code) {
                fail(&[error.to_string()]);
            }
        }
        Err(faults) => fail(&faults),
    }
}

fn fail(faults: &[String]) -> ! {
    for fault in faults {
        println!("cargo::error={fault}");
    }
    process::exit(1);
}

fn generate(folder: &Path) -> Result<String, Vec<String>> {
    let mut faults = Vec::new();
    let languages = LANGUAGES.map(|language| {
        let mut areas = BTreeMap::new();
        read_areas(&folder.join(language), "", &mut areas, &mut faults);
        areas
    });
    let [japanese, others @ ..] = &languages;
    for (place, (language, areas)) in LANGUAGES.iter().skip(1).zip(others).enumerate() {
        compare(language, place + 1 < COMPLETE, japanese, areas, &mut faults);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(japanese.iter().fold(String::from("impl Words {\n"), |mut code, (area, texts)| {
        for key in texts.keys() {
            write_method(&mut code, area, key, &languages);
        }
        code
    }) + "}\n")
}

/// Reads every file below `folder`; an area is the path of its file without the ending.
fn read_areas(folder: &Path, prefix: &str, areas: &mut BTreeMap<String, Texts>, faults: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let area = if prefix.is_empty() { stem } else { format!("{prefix}/{stem}") };
        if path.is_dir() {
            read_areas(&path, &area, areas, faults);
        } else if path.extension().is_some_and(|ending| ending == "ftl") {
            areas.insert(area, read_texts(&path, faults));
        }
    }
}

fn read_texts(path: &Path, faults: &mut Vec<String>) -> Texts {
    let mut texts = Texts::new();
    let mut complain = |what: String| faults.push(format!("{}: {what}", path.display()));
    let source = fs::read_to_string(path).unwrap_or_default();
    let resource = match fluent_syntax::parser::parse(source.as_str()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            for error in errors {
                complain(error.to_string());
            }
            resource
        }
    };
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let key = message.id.name.replace('-', "_");
        if key.chars().any(char::is_uppercase) || !message.attributes.is_empty() {
            complain(format!("`{key}` has capitals or attributes"));
        }
        match message.value.map_or_else(|| Err("is empty".to_owned()), |pattern| parts_of(&pattern)) {
            Ok(parts) => {
                if texts.insert(key.clone(), parts).is_some() {
                    complain(format!("`{key}` stands twice"));
                }
            }
            Err(fault) => complain(format!("`{key}` {fault}")),
        }
    }
    texts
}

fn parts_of(pattern: &Pattern<&str>) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => split_ruby(value, &mut parts)?,
            PatternElement::Placeable { expression: Expression::Inline(InlineExpression::StringLiteral { value }) } => {
                parts.push(Part::Text((*value).to_owned()));
            }
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => {
                parts.push(Part::Value(id.name.to_owned()));
            }
            PatternElement::Placeable {
                expression: Expression::Select { selector: InlineExpression::VariableReference { id }, variants },
            } => parts.push(Part::Count(id.name.to_owned(), variants_of(variants)?)),
            PatternElement::Placeable { .. } => return Err("holds more than placeholders and counts".to_owned()),
        }
    }
    Ok(parts)
}

fn variants_of(variants: &[Variant<&str>]) -> Result<Vec<(When, Vec<Part>)>, String> {
    let read = |variant: &Variant<&str>| {
        let when = match &variant.key {
            _ if variant.default => When::Otherwise,
            VariantKey::Identifier { name: "one" } => When::One,
            VariantKey::NumberLiteral { value } => {
                When::Exactly(value.parse().map_err(|_| format!("counts by {value}"))?)
            }
            VariantKey::Identifier { name } => return Err(format!("counts by `{name}`")),
        };
        Ok((when, parts_of(&variant.value)?))
    };
    variants.iter().map(read).collect()
}

/// Splits `漢字《かんじ》`: the reading belongs to the kanji before it, or to everything after a `｜`.
fn split_ruby(text: &str, parts: &mut Vec<Part>) -> Result<(), String> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('《') {
        let (reading, after) = after.split_once('》').ok_or("has a 《 without its 》")?;
        let (plain, base) = match before.rsplit_once('｜') {
            Some(marked) => marked,
            None => before.split_at(before.trim_end_matches(is_kanji).len()),
        };
        if base.is_empty() || reading.is_empty() {
            return Err(format!("has nothing above or below 《{reading}》"));
        }
        push_text(parts, plain);
        parts.push(Part::Ruby(base.to_owned(), reading.to_owned()));
        rest = after;
    }
    push_text(parts, rest);
    Ok(())
}

fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '々' | '〆')
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// Holds a language against Japanese: the same areas, in each the same keys, in each the same placeholders.
fn compare(
    language: &str,
    is_complete: bool,
    japanese: &BTreeMap<String, Texts>,
    areas: &BTreeMap<String, Texts>,
    faults: &mut Vec<String>,
) {
    for area in areas.keys().filter(|area| !japanese.contains_key(*area)) {
        faults.push(format!("templates/words/{language}/{area}.ftl: Japanese has no such file"));
    }
    for (area, texts) in japanese {
        let file = format!("templates/words/{language}/{area}.ftl");
        let Some(own) = areas.get(area) else {
            if is_complete || EVERYWHERE.contains(&area.as_str()) {
                faults.push(format!("{file}: the file is missing"));
            }
            continue;
        };
        faults.extend(
            own.keys()
                .filter(|key| !texts.contains_key(*key))
                .map(|key| format!("{file}: `{}` is not in Japanese", key.replace('_', "-"))),
        );
        for (key, parts) in texts {
            let name = key.replace('_', "-");
            match own.get(key) {
                None => faults.push(format!("{file}: `{name}` is missing")),
                Some(own) if placeholders(own) != placeholders(parts) => {
                    faults.push(format!("{file}: `{name}` has other placeholders than in Japanese"));
                }
                Some(_) => {}
            }
        }
    }
}

fn placeholders(parts: &[Part]) -> BTreeSet<String> {
    in_order(parts).into_iter().collect()
}

/// The placeholders as they first occur.
fn in_order(parts: &[Part]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in parts {
        let names = match part {
            Part::Text(_) | Part::Ruby(..) => continue,
            Part::Value(name) => vec![name.clone()],
            Part::Count(name, variants) => {
                let inner = variants.iter().flat_map(|(_, parts)| in_order(parts));
                std::iter::once(name.clone()).chain(inner).collect()
            }
        };
        for name in names {
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

fn counts_by(parts: &[Part], name: &str) -> bool {
    parts.iter().any(|part| match part {
        Part::Count(by, variants) => by == name || variants.iter().any(|(_, parts)| counts_by(parts, name)),
        Part::Text(_) | Part::Ruby(..) | Part::Value(_) => false,
    })
}

// Writing to a string cannot fail.
fn write_method(code: &mut String, area: &str, key: &str, languages: &[BTreeMap<String, Texts>]) {
    let said = |place: usize| languages.get(place).and_then(|areas| areas.get(area)).and_then(|texts| texts.get(key));
    let Some(japanese) = said(0) else { return };
    let names = in_order(japanese);
    let _ = write!(code, "    /// `{area}.ftl`.\n    pub(crate) fn {}_{key}(self", area.replace(['/', '-'], "_"));
    for name in &names {
        let counted = (0..LANGUAGES.len()).filter_map(said).any(|parts| counts_by(parts, name));
        let bound = if counted { "Count" } else { "Value" };
        let _ = write!(code, ", {}: impl {bound}", name.replace('-', "_"));
    }
    code.push_str(") -> Phrase {\n        static TEXTS: Texts = [\n");
    for place in 0..LANGUAGES.len() {
        code.push_str("            &[");
        if let Some(parts) = said(place).or_else(|| said(ENGLISH)) {
            write_parts(code, parts, &names);
        }
        code.push_str("],\n");
    }
    code.push_str("        ];\n        self.phrase(&TEXTS, vec![");
    for name in &names {
        let _ = write!(code, "{}.said(self), ", name.replace('-', "_"));
    }
    code.push_str("])\n    }\n");
}

fn write_parts(code: &mut String, parts: &[Part], names: &[String]) {
    let place = |name: &String| names.iter().position(|other| other == name).unwrap_or_default();
    for part in parts {
        let _ = match part {
            Part::Text(text) => write!(code, "Part::Text({text:?}), "),
            Part::Ruby(base, reading) => write!(code, "Part::Ruby({base:?}, {reading:?}), "),
            Part::Value(name) => write!(code, "Part::Value({}), ", place(name)),
            Part::Count(name, variants) => {
                let _ = write!(code, "Part::Count({}, &[", place(name));
                for (when, parts) in variants {
                    let _ = match when {
                        When::Exactly(number) => write!(code, "(When::Exactly({number}), &["),
                        When::One => write!(code, "(When::One, &["),
                        When::Otherwise => write!(code, "(When::Otherwise, &["),
                    };
                    write_parts(code, parts, names);
                    code.push_str("]), ");
                }
                write!(code, "]), ")
            }
        };
    }
}
