//! The layers, checked: data flows one way, rooms stay small, and nothing is called "utils".

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a leaf that knows no other layer must not name.
const ALONE: &[&str] = &[
    "crate::domain",
    "crate::store",
    "crate::service",
    "crate::http",
    "crate::gateway",
    "crate::document",
    "crate::clock",
    "async fn",
    "sqlx",
    "actix",
    "std::fs",
    "now_utc",
];

/// What each layer must not name, and the reason that a newcomer should read.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("src/jpki", ALONE),
    (
        "src/domain",
        &[
            "crate::store",
            "crate::service",
            "crate::http",
            "crate::gateway",
            "crate::document",
            "crate::words",
            "crate::clock",
            "async fn",
            "sqlx",
            "actix",
            "askama",
            "std::fs",
            "now_utc",
        ],
    ),
    ("src/passkey", ALONE),
    (
        "src/picture",
        &[
            "crate::domain",
            "crate::store",
            "crate::service",
            "crate::http",
            "crate::gateway",
            "crate::document",
            "crate::clock",
            "async fn",
            "sqlx",
            "actix",
            "std::fs",
            "std::process",
            "now_utc",
        ],
    ),
    (
        "src/document",
        &[
            "crate::store",
            "crate::service",
            "crate::http",
            "crate::gateway",
            "async fn",
            "sqlx",
            "actix",
            "std::fs",
            "now_utc",
        ],
    ),
    (
        "src/words",
        &[
            "crate::domain",
            "crate::store",
            "crate::service",
            "crate::http",
            "crate::gateway",
            "crate::document",
            "crate::clock",
            "async fn",
            "sqlx",
            "actix",
            "now_utc",
        ],
    ),
    (
        "src/store",
        &["crate::http", "crate::service", "crate::gateway", "crate::document", "actix", "askama", "now_utc"],
    ),
    ("src/gateway", &["crate::store", "crate::service", "crate::http", "sqlx", "actix", "now_utc"]),
    ("src/service", &["crate::http", "actix", "askama", "sqlx", "now_utc"]),
    ("src/http", &["crate::store", "crate::gateway", "sqlx", "now_utc"]),
    ("src/demo", &["crate::cli", "sqlx", "now_utc"]),
];

/// What a part of the domain names of the others, by `crate::domain::…` or as many `super` as lead to it.
fn named_by(path: &Path, domain: &Path) -> Vec<String> {
    let depth = path.strip_prefix(domain).expect("a file of the domain").components().count();
    let ups = if path.ends_with("mod.rs") { depth - 1 } else { depth };
    let code = code_of(path);
    let mut found = Vec::new();
    for start in ["crate::domain::".to_owned(), "super::".repeat(ups)] {
        for (at, _) in code.match_indices(&start) {
            if code[..at].ends_with("super::") || code[at + start.len()..].starts_with("super::") {
                continue;
            }
            let rest = &code[at + start.len()..];
            let names = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or_default(),
                None => rest.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')).next().unwrap_or_default(),
            };
            found.extend(names.split(',').map(|name| name.trim().split("::").next().unwrap_or_default().to_owned()));
        }
    }
    found
}

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "types", "manager", "base"];

/// A room larger than this cannot be known by heart.
const MOST_LINES: usize = 600;

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// Tests run in the checkout they were asked in; the one they were built in may be another, or gone.
fn root() -> PathBuf {
    std::env::current_dir().expect("tests run somewhere")
}

/// Code without comments and tests: a layer may explain what it does not use, and be tested with it.
fn code_of(path: &Path) -> String {
    let is_test = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "story")
        || path.strip_prefix(root()).is_ok_and(|path| path.components().any(|part| part.as_os_str() == "tests"));
    if is_test {
        return String::new();
    }
    let text = fs::read_to_string(path).expect("a source file is text");
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// A way from a part of the domain over parts that it names back to itself.
fn circle(parts: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(parts: &BTreeMap<String, BTreeSet<String>>, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        let here = way.last().expect("a way begins somewhere").clone();
        for next in &parts[&here] {
            if let Some(from) = way.iter().position(|part| part == next) {
                way.drain(..from);
                return true;
            }
            if done.contains(next) {
                continue;
            }
            way.push(next.clone());
            if walk(parts, way, done) {
                return true;
            }
            way.pop();
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    parts.keys().find_map(|part| {
        let mut way = vec![part.clone()];
        (!done.contains(part) && walk(parts, &mut way, &mut done)).then_some(way)
    })
}

#[test]
fn no_part_of_the_domain_leads_back_to_itself() {
    let domain = root().join("src/domain");
    let part_of = |path: &Path| {
        let first = path.strip_prefix(&domain).expect("below").components().next().expect("a name");
        first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
    };
    let mut parts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in rust_files(&domain) {
        parts.entry(part_of(&path)).or_default().extend(named_by(&path, &domain));
    }
    parts.remove("mod");
    let known: BTreeSet<String> = parts.keys().cloned().collect();
    for (part, named) in &mut parts {
        named.retain(|name| known.contains(name) && name != part);
    }
    assert!(parts["answers"].contains("guardianship"), "what is named is not found: the rule would prove nothing");
    assert_eq!(circle(&parts), None, "each names the next, and the last one the first");
    let mut bent = parts.clone();
    bent.get_mut("guardianship").expect("a part").insert("answers".to_owned());
    assert!(circle(&bent).is_some_and(|way| way.len() == 2), "a circle would be seen");
}

#[test]
fn no_layer_names_a_layer_above_it() {
    let mut faults = Vec::new();
    for (layer, words) in FORBIDDEN {
        let files = rust_files(&root().join(layer));
        assert!(!files.is_empty(), "{layer} is empty: the rule would prove nothing");
        for file in files {
            let code = code_of(&file);
            for word in words.iter().filter(|word| code.contains(**word)) {
                faults.push(format!("{} names `{word}`", file.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_the_engine_and_the_command_line_name_the_laboratory() {
    let named: Vec<_> = rust_files(&root().join("src"))
        .into_iter()
        .filter(|file| {
            let path = file.strip_prefix(root()).unwrap();
            !path.starts_with("src/jpki") && !path.starts_with("src/cli")
        })
        .filter(|file| code_of(file).to_lowercase().contains("laboratory"))
        .collect();
    assert!(named.is_empty(), "loosened rules must not reach a server: {named:?}");
}

#[test]
fn only_the_clock_asks_the_system_for_the_time() {
    let asking: Vec<_> = rust_files(&root().join("src"))
        .into_iter()
        .filter(|file| code_of(file).contains("now_utc()") && !file.ends_with("clock.rs"))
        .collect();
    assert!(asking.is_empty(), "{asking:?}");
}

#[test]
fn rooms_stay_small_and_have_telling_names() {
    let mut faults = Vec::new();
    for file in rust_files(&root().join("src")).into_iter().chain(rust_files(&root().join("tests"))) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        if lines > MOST_LINES {
            faults.push(format!("{name} has {lines} lines"));
        }
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        if EMPTY_NAMES.contains(&stem.as_str()) {
            faults.push(format!("{name} has a name that says nothing"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_migration_exists_on_both_engines() {
    let names = |engine: &str| {
        let mut names: Vec<_> = fs::read_dir(root().join("migrations").join(engine))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn templates_escape_everything_and_hold_no_inline_code() {
    fn templates(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .flat_map(|path| if path.is_dir() { templates(&path) } else { vec![path] })
            .filter(|path| path.extension().is_some_and(|ending| ending == "html"))
            .collect()
    }
    let mut faults = Vec::new();
    let found = templates(&root().join("templates"));
    assert!(found.len() > 10, "the templates have moved");
    for file in found {
        let text = fs::read_to_string(&file).unwrap();
        // A mail has no style sheet of ours, and what reads it knows no other way.
        let is_mail = file.starts_with(root().join("templates/email"));
        for word in ["|safe", "| safe", "style=\"", "<style", "onclick=", "javascript:"] {
            if text.contains(word) && !(is_mail && word == "style=\"") {
                faults.push(format!("{} holds `{word}`", file.display()));
            }
        }
        // Nothing in a mail is fetched from anywhere: that would tell when it was read.
        for word in ["src=", "<link", "url(", "<img", "<script", "@import"] {
            if is_mail && text.contains(word) {
                faults.push(format!("{} fetches by `{word}`", file.display()));
            }
        }
        if text.replace("<script src=", "").contains("<script") && !text.contains("<script type=\"module\" src=") {
            faults.push(format!("{} holds an inline script", file.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn sql_is_never_built_from_text() {
    let built: Vec<_> =
        rust_files(&root().join("src")).into_iter().filter(|file| code_of(file).contains("AssertSqlSafe")).collect();
    assert!(built.is_empty(), "{built:?}");
}
