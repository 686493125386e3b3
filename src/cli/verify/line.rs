//! `--anchor FILE…`: several files after one option, as well as the option several times.

use std::ffi::{OsStr, OsString};

/// The options that take several files.
const SEVERAL: [&str; 3] = ["--anchor", "--intermediate", "--crl"];
/// The options that take one value.
const ONE: [&str; 7] = ["--kind", "--ocsp", "--time", "--content", "--issuer", "--profile", "--lab"];

/// A word that no option needs: the file to check, or one more of the files of an option.
struct Loose {
    position: usize,
    /// The option that takes several and that the word follows.
    after: Option<&'static str>,
}

/// The command line with each option before every one of its files. One loose word is the file to
/// check, be it the only one, the last one, or one that follows no option of several files.
pub(in crate::cli) fn spread(line: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let line: Vec<OsString> = line.into_iter().collect();
    if line.get(1).is_none_or(|command| command != "verify") {
        return line;
    }
    let loose = loose(&line);
    let file = loose.iter().rfind(|word| word.after.is_none()).or(loose.last()).map(|word| word.position);
    let mut spread = Vec::with_capacity(line.len() + loose.len());
    for (position, word) in line.into_iter().enumerate() {
        let of = loose.iter().find(|loose| loose.position == position && Some(position) != file);
        spread.extend(of.and_then(|loose| loose.after).map(OsString::from));
        spread.push(word);
    }
    spread
}

fn loose(line: &[OsString]) -> Vec<Loose> {
    let mut loose = Vec::new();
    let mut after = None;
    let mut is_value = false;
    let mut options_ended = false;
    for (position, word) in line.iter().enumerate().skip(2) {
        if options_ended {
            loose.push(Loose { position, after: None });
        } else if word == "--" {
            options_ended = true;
        } else if is_option(word) {
            let name = name(word);
            after = SEVERAL.into_iter().find(|option| name == OsStr::new(option));
            is_value = name == word.as_os_str() && (after.is_some() || ONE.iter().any(|option| word == option));
        } else if is_value {
            is_value = false;
        } else {
            loose.push(Loose { position, after });
        }
    }
    loose
}

/// A single dash stands for no file here, yet for none of the options either.
fn is_option(word: &OsStr) -> bool {
    let word = word.as_encoded_bytes();
    word.len() > 1 && word.starts_with(b"-")
}

/// The option of `--option` or `--option=value`; whatever it is, if it is no UTF-8.
fn name(word: &OsStr) -> &OsStr {
    word.to_str().and_then(|word| word.split_once('=')).map_or(word, |(name, _)| OsStr::new(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn spreads(line: &str, expected: &str) {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(spread(words(line)), words(expected));
    }

    #[test]
    fn one_option_may_have_several_files() {
        spreads(
            "todoke verify --anchor a b --crl c d e f",
            "todoke verify --anchor a --anchor b --crl c --crl d --crl e f",
        );
        spreads("todoke verify --anchor a b --json f", "todoke verify --anchor a --anchor b --json f");
        spreads("todoke verify f --anchor=a b", "todoke verify f --anchor=a --anchor b");
        spreads("todoke verify --anchor a b --time t -- f", "todoke verify --anchor a --anchor b --time t -- f");
        spreads(
            "todoke verify --anchor a --kind cert f --crl b c",
            "todoke verify --anchor a --kind cert f --crl b --crl c",
        );
    }

    #[test]
    fn a_line_with_one_file_to_check_stays_as_it_is() {
        for line in [
            "todoke verify --anchor a f",
            "todoke verify --anchor a --crl b --json f",
            "todoke demo a b",
            "todoke",
            "todoke verify --anchor a --lab x -- -f",
        ] {
            spreads(line, line);
        }
    }
}
