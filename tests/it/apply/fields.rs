//! What each box takes, and what it says to what it does not take.

use crate::support::app::{TestApp, stories};
use crate::support::pages;
use todoke::demo::journey::Person;
use todoke::domain::person::TypedAddress;

/// Path, what is typed, and what is said at which box.
type Wrong = (&'static str, &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const WRONG: &[Wrong] = &[
    (
        "apply/who",
        &[("category", ""), ("age", "")],
        &[("category", "当てはまるものを選んでください"), ("age", "15歳以上かどうかを選んでください")],
    ),
    ("apply/email", &[("email", " ")], &[("email", "メールアドレスを入力してください")]),
    ("apply/email", &[("email", "hanako@")], &[("email", "メールアドレスの形を確かめてください")]),
    ("apply/email", &[("email", "hanako@gmial.com")], &[("email", "ではありませんか")]),
    (
        "apply/name",
        &[("name", ""), ("kana", "\u{3000}")],
        &[("name", "氏名を入力してください"), ("kana", "フリガナを入力してください")],
    ),
    ("apply/name", &[("name", "髙橋 花子"), ("kana", "髙橋")], &[("kana", "ひらがな・カタカナ・ローマ字で")]),
    ("apply/name", &[("name", "花\u{202e}子"), ("kana", "ハナコ")], &[("name", "表示できない文字があります")]),
    ("apply/birth", &[("year", ""), ("month", ""), ("day", "")], &[("year", "生年月日を入力してください")]),
    ("apply/birth", &[("year", "1985"), ("month", ""), ("day", "1")], &[("month", "「月」を入力してください")]),
    ("apply/birth", &[("year", "60"), ("month", "4"), ("day", "1")], &[("year", "年は4けたの西暦か")]),
    ("apply/birth", &[("year", "昭和60"), ("month", "2"), ("day", "29")], &[("day", "この日付はありません")]),
    ("apply/birth", &[("year", "令和8"), ("month", "11"), ("day", "20")], &[("day", "今日より前の日に")]),
    (
        "apply/address",
        &[("postcode", "67000"), ("prefecture", ""), ("municipality", " "), ("line1", "")],
        &[
            ("postcode", "郵便番号は7けたの数字で"),
            ("prefecture", "都道府県を選んでください"),
            ("municipality", "市区町村を入力してください"),
            ("line1", "町名・番地を入力してください"),
        ],
    ),
    ("apply/address", &[("prefecture", "48")], &[("prefecture", "都道府県を選んでください")]),
    (
        "apply/contact",
        &[("phone", "79-000"), ("branch", "")],
        &[("phone", "電話番号は10けたか11けたの数字で"), ("branch", "よく使う図書館を選んでください")],
    ),
    ("apply/contact", &[("phone", ""), ("branch", "honkan")], &[("branch", "よく使う図書館を選んでください")]),
];

stories! {
    async fn each_wrong_box_says_so_and_keeps_what_was_typed(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let before = app.written().await;
        for (path, typed, said) in WRONG {
            let page = applicant.open(path).await.unwrap();
            let mut form = page.form(typed[0].0).unwrap();
            for (name, value) in *typed {
                form = form.forge(name, value);
            }
            let page = applicant.browser.submit(&form).await.unwrap();
            for (field, sentence) in *said {
                pages::is_rejected(&page, field, sentence);
            }
            let again = page.form(typed[0].0).unwrap();
            for (name, value) in typed.iter().filter(|(name, _)| !["category", "age", "branch", "prefecture"].contains(name)) {
                assert_eq!(again.value(name), Some(*value), "{path} keeps {name}");
            }
        }
        assert_eq!(app.written().await, before, "nothing of it was saved");
    }

    async fn what_is_missing_on_the_check_page_is_said_box_by_box(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        let form = check.form("delivery").unwrap().fill("consent", "privacy:1").unwrap();
        let page = applicant.browser.submit(&form).await.unwrap();
        pages::is_rejected(&page, "delivery", "電子での受け取りに同意するか");
        pages::is_rejected(&page, "consent-terms", "「図書館カードの利用規約」を確かめて");
        assert!(page.text_of("#consent-privacy-e").is_none(), "that one was ticked");
        assert_eq!(page.form("delivery").unwrap().value("consent"), Some("privacy:1"), "the tick is kept");
        // The text of another version was not on this page.
        let form = check.form("delivery").unwrap().fill("delivery", "paper").unwrap();
        let form = form.fill("consent", "privacy:1").unwrap().forge("consent", "terms:2");
        pages::is_rejected(&applicant.browser.submit(&form).await.unwrap(), "consent-terms", "確かめて");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM versions").await, 0);
    }

    async fn a_mistyped_looking_address_is_taken_at_the_second_asking(app: &TestApp) {
        let applicant = app.journey("himeji");
        applicant.answer("apply/who", &[("category", "resident"), ("age", "yes")]).await.unwrap();
        let asked = applicant.answer("apply/email", &[("email", "ｈａｎａｋｏ＠ｇｍｉａｌ。ｃｏｍ")]).await.unwrap();
        pages::is_rejected(&asked, "email", "「gmail.com」ではありませんか");
        let sent = applicant.press(&asked, "コードを送る").await.unwrap();
        pages::is_at(&sent, "/apply/email/code");
        app.deliver_mail().await;
        assert_eq!(app.letters_to("hanako@gmial.com").len(), 1);
    }

    async fn every_way_of_writing_is_taken_and_names_stay_as_typed(app: &TestApp) {
        let (applicant, _) = app.answered("himeji", &Person::hanako()).await;
        let stored = async || app.draft_of("himeji", "hanako@example.jp").await.1;
        for year in ["昭和60", "S60", "ｓ６０", "昭６０年", "1985", "１９８５", "㍼60"] {
            let birth = [("year", year), ("month", "０４"), ("day", "27日")];
            pages::is_at(&applicant.answer("apply/birth", &birth).await.unwrap(), "/apply/address");
            assert_eq!(stored().await.birth.unwrap().to_string(), "1985-04-27", "{year}");
        }
        for kana in ["たかはし　はなこ", "ﾀｶﾊｼ ﾊﾅｺ", "タカハシ ハナコ"] {
            // 髙 and the compatibility form of 﨑: other characters than 高 and 崎, and not to be folded into them.
            let name = "髙\u{fa11}\u{3000}花子";
            let page = applicant.answer("apply/name", &[("name", name), ("kana", kana)]).await.unwrap();
            pages::is_at(&page, "/apply/birth");
            let answers = stored().await;
            assert_eq!(answers.name.unwrap().as_str(), name);
            assert_eq!(answers.kana.unwrap().as_str().replace('\u{3000}', " "), "タカハシ ハナコ", "{kana}");
        }
        for (postcode, line1) in [("６７０−００１２", "本町６８番地"), ("〒670-0012", "本町68"), ("6700012", "本町六十八番地")] {
            let typed = [("postcode", postcode), ("prefecture", "28"), ("municipality", "姫路市"), ("line1", line1)];
            pages::is_at(&applicant.answer("apply/address", &typed).await.unwrap(), "/apply/contact");
            let address = stored().await.address.unwrap();
            assert_eq!(address.postcode().digits(), "6700012", "{postcode}");
            assert_eq!(address.line1(), line1, "kept as typed");
        }
        for phone in ["０９０ー１２３４ー５６７８", "090(1234)5678", "+81 90-1234-5678"] {
            let page = applicant.answer("apply/contact", &[("phone", phone), ("branch", "kodera")]).await.unwrap();
            pages::is_at(&page, "/apply/check");
            assert_eq!(stored().await.phone.unwrap().digits(), "09012345678", "{phone}");
        }
    }

    async fn what_no_font_has_is_said_before_it_is_signed(app: &TestApp) {
        let (applicant, check) = app.answered("himeji", &Person::hanako()).await;
        assert!(!check.text().contains('〓'), "{}", check.text());
        applicant.answer("apply/name", &[("name", "姫路　한\u{20bb7}"), ("kana", "ヒメジ ハン")]).await.unwrap();
        let check = applicant.open("apply/check").await.unwrap().text();
        assert!(check.contains("「〓」になり、文字の番号を添えます：한 (U+D55C)。"), "{check}");
    }

    async fn hostile_text_is_shown_as_text(app: &TestApp) {
        const NAME: &str = "\"><script>alert(1)</script>{{777*777}}";
        let person = Person { name: NAME, ..Person::hanako() };
        let (applicant, check) = app.answered("himeji", &person).await;
        assert!(!check.html().contains("<script>alert") && !check.text().contains("603729"), "{}", check.html());
        assert!(check.text().contains(NAME));
        let sign = applicant.agree(&check).await.unwrap();
        pages::is_at(&sign, "/apply/sign");
        assert!(!sign.html().contains("<script>alert") && sign.text().contains(NAME));
        let pdf = applicant.open("apply/sign/document").await.unwrap();
        let statement = todoke::document::read_statement(&pdf.body).unwrap();
        assert_eq!(statement.answers.name.as_str(), NAME, "the document says what was typed");
        let typed = TypedAddress {
            postcode: person.address[0],
            prefecture: person.address[1],
            municipality: person.address[2],
            line1: person.address[3],
            line2: "",
        };
        assert_eq!(statement.answers.address, todoke::domain::person::PostalAddress::parse(typed).unwrap());
    }
}
