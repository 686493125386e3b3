//! Words for what the domain and the services refuse.
//!
//! One thing has one word on every page, in every mail and in every document:
//!
//! - 図書館を使う理由: the category by which somebody may use the library (never 利用の区分, 利用者の区分);
//! - よく使う図書館: the branch that was chosen (never よく使う館, 登録館);
//! - 申込者: whoever applies, as long as it is about the application; 利用者: whoever holds a card;
//! - 受付済み, 発行済み, 登録済み, 延長済み, 変更済み: what became of an application, by its procedure.
//!
//! Titles in files for a library system are that system's own.
//!
//! The only place where an error becomes a sentence. Each says what to do, in the words of
//! the field, and never blames.

use super::error::Error;
use super::filters::Moment;
use crate::domain::application::Refused;
use crate::domain::certificate_number::InvalidCertificateNumber;
use crate::domain::person::{
    AddressPart, DatePart, InvalidAddress, InvalidBirth, InvalidEmail, InvalidKana, InvalidName, InvalidPhone,
};
use crate::domain::reference::InvalidReference;
use crate::domain::review::InvalidReason;
use crate::service;
use crate::service::codes::NotSixDigits;
use crate::words::{Lang, Phrase, Words};

/// An error that a person can mend, in words.
pub trait Wording {
    /// What to do about it: a sentence for the field, in Japanese until a page says it in its own words
    /// ([`Phrase::in_words`]).
    fn wording(&self) -> Phrase;
}

/// The words in which an error is found.
const FOUND: Words = Words::new(Lang::Ja);

/// How much a file weighs: `312 KB`.
#[must_use]
pub fn size(octets: u64) -> String {
    match octets.div_ceil(1024) {
        kilobytes @ ..1000 => format!("{kilobytes} KB"),
        kilobytes => format!("{}.{} MB", kilobytes / 1024, kilobytes % 1024 * 10 / 1024),
    }
}

impl Wording for InvalidName {
    fn wording(&self) -> Phrase {
        match self {
            Self::Empty => FOUND.fault_name_empty(),
            Self::TooLong => FOUND.fault_name_long(),
            Self::Unprintable => FOUND.fault_name_unprintable(),
            Self::Picture => FOUND.fault_name_picture(),
        }
    }
}

impl Wording for InvalidCertificateNumber {
    fn wording(&self) -> Phrase {
        let words = match self {
            Self::Empty => "発行番号を入力してください",
            Self::TooLong => "発行番号は40けたまでです",
            Self::OtherSigns => "発行番号は、数字とAからFまでの英字で入力してください",
        };
        words.into()
    }
}

impl Wording for InvalidKana {
    fn wording(&self) -> Phrase {
        match self {
            Self::Empty => FOUND.fault_kana_empty(),
            Self::TooLong => FOUND.fault_kana_long(),
            Self::OtherLetters => FOUND.fault_kana_letters(),
        }
    }
}

impl Wording for InvalidBirth {
    fn wording(&self) -> Phrase {
        match self {
            Self::Empty => FOUND.fault_birth_empty(),
            Self::Missing(DatePart::Year) => FOUND.fault_birth_year(),
            Self::Missing(DatePart::Month) => FOUND.fault_birth_month(),
            Self::Missing(DatePart::Day) => FOUND.fault_birth_day(),
            Self::UnclearYear => FOUND.fault_birth_unclear(),
            Self::Unreal(_) => FOUND.fault_birth_unreal(),
            Self::Future(_) => FOUND.fault_birth_future(),
        }
    }
}

impl Wording for InvalidAddress {
    fn wording(&self) -> Phrase {
        match self {
            Self::Postcode(_) | Self::Missing(AddressPart::Postcode) => FOUND.fault_postcode(),
            Self::Prefecture(_) | Self::Missing(AddressPart::Prefecture) => FOUND.fault_prefecture(),
            Self::Missing(AddressPart::Municipality) => FOUND.fault_municipality(),
            Self::Missing(AddressPart::Line1) => FOUND.fault_line1(),
            Self::Missing(AddressPart::Line2) => FOUND.fault_line2(),
            Self::TooLong(_) => FOUND.fault_address_long(),
            Self::Unprintable(_) => FOUND.fault_address_unprintable(),
        }
    }
}

impl Wording for InvalidPhone {
    fn wording(&self) -> Phrase {
        FOUND.fault_phone()
    }
}

impl Wording for InvalidEmail {
    fn wording(&self) -> Phrase {
        match self {
            Self::Empty => FOUND.fault_email_empty(),
            Self::Form => FOUND.fault_email_form(),
            Self::Space => FOUND.fault_email_space(),
            Self::Dots => FOUND.fault_email_dots(),
        }
    }
}

impl Wording for NotSixDigits {
    fn wording(&self) -> Phrase {
        FOUND.fault_code()
    }
}

impl Wording for InvalidReference {
    fn wording(&self) -> Phrase {
        FOUND.patron_sign_in_reference_check()
    }
}

impl Wording for InvalidReason {
    fn wording(&self) -> Phrase {
        let words = match self {
            Self::Empty => "承認しない理由を入力してください。申込者に送られます",
            Self::TooLong => "理由は2000文字までです",
        };
        words.into()
    }
}

/// Why staff change nothing about their own people.
const OF_OWN_PEOPLE: &str =
    "ご自身か、ご家族などとして記録されている方のことは、ほかの職員が決めます。何も変えていません。";

/// The heading and the paragraphs of an error's page. What only staff can meet is said in Japanese.
#[must_use]
pub fn of_error(words: Words, error: &Error) -> (Phrase, Vec<Phrase>) {
    match error {
        Error::NotFound => {
            (words.error_not_found(), vec![words.error_not_found_check(), words.error_not_found_moved()])
        }
        Error::MethodNotAllowed => (words.error_method(), vec![words.error_method_start()]),
        Error::BadForm | Error::UnsupportedType => (words.error_unread(), vec![words.error_unread_again()]),
        Error::TooLarge => (words.error_too_large(), vec![words.error_too_large_again()]),
        Error::FileTooLarge => (words.error_file_too_large(), vec![words.error_file_too_large_again()]),
        Error::TooSlow => (words.error_too_slow(), vec![words.error_too_slow_again()]),
        Error::CrossSite => (words.error_cross_site(), vec![words.error_cross_site_why()]),
        Error::FormExpired => (words.error_form_expired(), vec![words.error_form_expired_again(), words.error_kept()]),
        Error::Forbidden => (words.error_forbidden(), vec![words.error_forbidden_why()]),
        Error::SignedOut => (words.error_signed_out(), vec![words.error_signed_out_why()]),
        Error::ForeignSigning => (
            words.error_foreign_signing(),
            vec![words.error_foreign_signing_why(), words.error_foreign_signing_again()],
        ),
        Error::Stale => (words.error_stale(), vec![words.error_stale_again()]),
        Error::Refused(refused) => (words.error_refused(), vec![of_refused(refused).in_words(words)]),
        Error::KeyReused => (words.error_key_reused(), vec![words.error_key_reused_again()]),
        Error::HoldsMyNumber => {
            (words.error_my_number(), vec![words.error_my_number_what(), words.error_my_number_again()])
        }
        Error::TooMany { retry_after } => {
            (words.error_wait(), vec![words.error_wait_minutes(retry_after.div_ceil(60)), words.error_kept()])
        }
        Error::TooManyTries { retry_at } => {
            (words.error_wait(), vec![words.error_wait_until(Moment(*retry_at).clock())])
        }
        Error::Unavailable(_) => (words.error_unavailable(), vec![words.error_unavailable_why()]),
        Error::Internal(_) => (words.error_internal(), vec![words.error_internal_again()]),
        Error::SeeOther(_) => (words.error_go_on(), Vec::new()),
        Error::Seeded | Error::SignatureBroken | Error::Related => of_staff_error(words, error),
    }
}

/// The same of what only staff can meet.
fn of_staff_error(words: Words, error: &Error) -> (Phrase, Vec<Phrase>) {
    let (heading, paragraphs): (_, &[&str]) = match error {
        Error::Seeded => (
            "試し用の申込みです",
            &[
                "多くの申込みがあるときの動きを試すために作ったデータです。申し込んだ人はなく、署名した書類もありません。",
            ],
        ),
        Error::Related => ("ほかの職員にお願いしてください", &[OF_OWN_PEOPLE]),
        _ => (
            "署名を確かめ直せませんでした",
            &[
                "この申込みの署名が、いまのシステムの設定では確かめられません。承認はまだ行われていません。",
                "信頼するルート証明書の設定が変わっていないか、システムの担当者に確かめてください。承認しないと決定することはできます。",
            ],
        ),
    };
    (words.say(heading), paragraphs.iter().map(|text| words.say(*text)).collect())
}

/// When to try again after too many tries.
#[must_use]
pub fn too_many_tries(retry_at: &Moment) -> Phrase {
    FOUND.fault_tries(retry_at.clock())
}

/// When to ask for another code.
#[must_use]
pub fn too_many_codes(retry_at: &Moment) -> Phrase {
    FOUND.fault_codes(retry_at.clock())
}

/// What is wrong with a typed code, as a sentence for its field.
///
/// # Errors
/// The error, if it is not the code's.
pub fn of_code(error: service::Error) -> Result<Phrase, Error> {
    match error {
        service::Error::WrongCode => Ok(FOUND.fault_code_wrong()),
        service::Error::ExpiredCode => Ok(FOUND.fault_code_expired()),
        service::Error::TooMany { retry_at } => Ok(too_many_tries(&Moment(retry_at))),
        other => Err(other.into()),
    }
}

/// Why a transition was refused, to whoever asked for it. What only staff can meet is said in Japanese.
#[must_use]
pub fn of_refused(refused: &Refused) -> Phrase {
    match refused {
        Refused::WrongState { .. } => FOUND.refused_state(),
        Refused::OtherRequest | Refused::RequestExpired => FOUND.refused_request(),
        Refused::OtherVersion { .. } => FOUND.refused_version(),
        Refused::ClaimedByAnother { .. } => "ほかの職員が担当しています。".into(),
        Refused::LeaseEnded { .. } => "担当の時間が切れました。もう一度担当してから、決定してください。".into(),
        Refused::NotAllowed => "この操作をする役割がありません。".into(),
        Refused::SamePerson => "1人目の承認をした方は、2人目の承認はできません。ほかの方にお願いしてください。".into(),
        Refused::NotAsked => FOUND.refused_not_asked(),
        Refused::TooLate { .. } => FOUND.refused_too_late(),
        Refused::TooEarly { .. } => FOUND.refused_too_early(),
        Refused::OtherLibrary => "ほかの図書館の申込みです。".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that blame, or that say nothing.
    const BANNED: [&str; 6] = ["不正", "無効", "エラーが発生", "半角で", "全角で", "お手数"];

    #[test]
    fn no_sentence_blames() {
        let sentences = [
            InvalidName::Empty.wording(),
            InvalidKana::OtherLetters.wording(),
            InvalidBirth::Unreal(DatePart::Day).wording(),
            InvalidAddress::Missing(AddressPart::Line1).wording(),
            InvalidPhone.wording(),
            InvalidEmail::Form.wording(),
            of_refused(&Refused::RequestExpired),
        ];
        for sentence in sentences {
            let sentence = sentence.plain();
            assert!(BANNED.iter().all(|word| !sentence.contains(word)), "{sentence}");
        }
        for error in [Error::NotFound, Error::BadForm, Error::CrossSite, Error::FormExpired, Error::internal("x")] {
            let (heading, paragraphs) = of_error(Words::default(), &error);
            let text: String = paragraphs.iter().chain([&heading]).map(Phrase::plain).collect();
            assert!(BANNED.iter().all(|word| !text.contains(word)), "{text}");
        }
    }

    #[test]
    fn the_missing_part_of_a_date_is_named() {
        assert!(InvalidBirth::Missing(DatePart::Month).wording().plain().contains("「月」"));
    }
}
