//! Files to and from the library system, as staff make, take and read them.

use crate::support::app::{Submitted, TestApp, stories};
use crate::support::pages;
use crate::support::sending::Sending;
use time::macros::date;
use todoke::demo::browser::Page;
use todoke::demo::journey::Journey;
use todoke::domain::library::ProfileName;
use todoke::domain::permission::{Role, RoleGrant};
use todoke::domain::staff::StaffMember;
use todoke::service::Error;
use todoke::service::exchange::confirmation::Confirmed;
use todoke::service::exchange::export::Period;
use todoke::service::exchange::import::BadLines;
use todoke::store::{patrons, seal, staff};

const EXPORTS: &str = "SELECT COUNT(*) FROM exports";

/// What is typed into the address for the one profile of each sample library.
fn new_of(slug: &str) -> &'static str {
    if slug == "himeji" { "exchange/new?profile=new-patrons" } else { "exchange/new?profile=new-cards" }
}

/// True if the page says it, however its words are set.
fn says(page: &Page, words: &str) -> bool {
    let tight = |text: &str| text.split_whitespace().collect::<String>();
    tight(&page.text()).contains(&tight(words))
}

/// A file of everything new, made by its button: the page about it.
async fn make(staff: &Journey, slug: &str) -> Page {
    let page = staff.open_staff(new_of(slug)).await.unwrap();
    staff.press(&page, "ファイルを作る").await.unwrap()
}

/// The file itself.
async fn download(staff: &Journey, page: &Page) -> Page {
    staff.browser.open(page.link("ファイルを保存する").unwrap().as_str()).await.unwrap()
}

fn name_of(file: &Page) -> String {
    file.headers["content-disposition"].to_str().unwrap().to_owned()
}

async fn anybody_of(app: &TestApp, slug: &str) -> StaffMember {
    let library = app.library(slug).await;
    let mut tx = app.database.db.read().await.unwrap();
    staff::list(&mut tx, library.id).await.unwrap().remove(0)
}

async fn erase_patron_of(app: &TestApp, submitted: &Submitted) {
    let application = app.application("himeji", &submitted.reference).await;
    let mut tx = app.database.db.begin().await.unwrap();
    let patron = patrons::find_by_application(&mut tx, application.library_id, application.id);
    let patron = patron.await.unwrap().unwrap();
    seal::erase_key(&mut tx, patron.id.as_uuid()).await.unwrap();
    tx.commit().await.unwrap();
}

const TITLES: &str = "利用者番号,氏名,カナ氏名,生年月日,性別,郵便番号,都道府県,市区町村,町名・番地,建物,電話番号,\
                      メールアドレス,利用者区分,登録館,登録日,有効期限";

/// A line of the sample's import file, in which little is known.
fn line(number: &str, name: &str) -> String {
    format!("{number},{name},シケン タロウ,19700101,,,,,,,,,,,,20300331")
}

fn shift_jis(lines: &[String]) -> Vec<u8> {
    let text = format!("{TITLES}\r\n{}\r\n", lines.join("\r\n"));
    encoding_rs::SHIFT_JIS.encode(&text).0.into_owned()
}

async fn send(staff: &Journey, mode: &str, file: &[u8]) -> Page {
    let page = staff.open_staff("exchange/import").await.unwrap();
    let form = page.form("file").unwrap().fill("mode", mode).unwrap();
    Sending::form(&form, &staff.browser).file(file).send().await
}

stories! {
    async fn a_file_goes_out_once_and_is_the_same_ever_after(app: &TestApp) {
        app.issued_to_hanako().await;
        let staff = app.sato().await;
        let overview = staff.open_staff("exchange").await.unwrap();
        assert!(says(&overview, "まだ書き出していないカード（変更をふくむ）：1件"), "{}", overview.text());
        let look = staff.open_staff(new_of("himeji")).await.unwrap();
        for part in ["図書館システムに、新しい利用者を登録するため", "カナ氏名（フリガナ）", "Shift_JIS", "1件"] {
            assert!(says(&look, part), "{part}: {}", look.text());
        }
        assert_eq!(app.database.count(EXPORTS).await, 0, "looking makes nothing");

        let made = make(&staff, "himeji").await;
        assert!(made.url.path().contains("/staff/exchange/files/"), "{}", made.url);
        let file = download(&staff, &made).await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=Shift_JIS");
        assert!(name_of(&file).contains("new-patrons-2026-11-20.csv"), "{}", name_of(&file));
        let text = encoding_rs::SHIFT_JIS.decode(&file.body).0.into_owned();
        assert!(text.contains("\"300000014\",\"姫路　花子\",\"ﾋﾒｼﾞ ﾊﾅｺ\",\"19900401\",\"670-0012\""), "{text}");
        assert!(text.contains("\"01\",\"001\",\"20261120\",\"2029"), "{text}");
        assert_eq!(text.lines().count(), 2);

        app.advance(time::Duration::days(40));
        let staff = app.sato().await;
        let again = staff.browser.open(made.url.as_str()).await.unwrap();
        assert!(says(&again, "保存した人") && !says(&again, "変わった行"), "{}", again.text());
        assert_eq!(download(&staff, &again).await.body, file.body, "the same file, to the byte");
        let nothing = staff.open_staff(new_of("himeji")).await.unwrap();
        assert!(says(&nothing, "書き出すカードはありません") && nothing.form("ファイルを作る").is_err());
        let kept = app.database.count("SELECT COUNT(*) FROM exports WHERE fields LIKE '%birth%' AND profile = 'new-patrons'");
        assert_eq!(kept.await, 1);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM export_downloads").await, 2);
    }

    async fn a_period_can_be_written_again(app: &TestApp) {
        app.issued_to_hanako().await;
        let staff = app.sato().await;
        make(&staff, "himeji").await;
        let page = staff.open_staff(new_of("himeji")).await.unwrap();
        let wrong = staff.send(&page, &[("since", "2026/11/20"), ("until", "2026-11-19")]).await.unwrap();
        pages::is_rejected(&wrong, "since", "2026-11-20のように");
        let wrong = staff.send(&page, &[("since", "2026-11-21"), ("until", "2026-11-20")]).await.unwrap();
        pages::is_rejected(&wrong, "until", "始めの日より後");
        let none = staff.send(&page, &[("since", "2026-11-01"), ("until", "2026-11-19")]).await.unwrap();
        assert!(says(&none, "書き出すカードはありません"), "{}", none.text());
        let found = staff.send(&page, &[("since", "2026-11-20"), ("until", "2026-11-20")]).await.unwrap();
        let made = staff.press(&found, "ファイルを作る").await.unwrap();
        assert!(says(&made, "2026年11月20日"), "{}", made.text());
        assert_eq!(app.database.count(EXPORTS).await, 2);
    }

    async fn two_colleagues_make_one_file_of_what_is_new(app: &TestApp) {
        app.issued_to_hanako().await;
        app.hire("himeji", "imai", "今井").await;
        let (sato, imai) = (app.sato().await, app.staff("himeji", "imai").await);
        let pages = (sato.open_staff(new_of("himeji")).await.unwrap(), imai.open_staff(new_of("himeji")).await.unwrap());
        let made = sato.press(&pages.0, "ファイルを作る").await.unwrap();
        assert_eq!(made.status, 200);
        let late = imai.press(&pages.1, "ファイルを作る").await.unwrap();
        assert_eq!(late.status, 422);
        assert!(says(&late, "書き出すカードがありません"), "{}", late.text());
        let twice = sato.press(&pages.0, "ファイルを作る").await.unwrap();
        assert_eq!(twice.url, made.url, "the same button again leads to the same file");
        assert_eq!(app.database.count(EXPORTS).await, 1);
    }

    async fn lines_that_say_something_else_are_named(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let taro = app.submitted("himeji", &pages::taro()).await;
        let staff = app.sato().await;
        staff.decide(&taro.reference, "approve", "").await.unwrap();
        app.deliver_mail().await;
        let made = make(&staff, "himeji").await;
        let before = download(&staff, &made).await;
        app.database.execute("UPDATE cards SET expires_on = '2030-01-01' WHERE number = '300000021'").await.unwrap();
        erase_patron_of(app, &hanako).await;
        let again = staff.browser.open(made.url.as_str()).await.unwrap();
        for part in ["1件目・300000014：利用者の情報が消されたため", "2件目・300000021：内容が変わりました"] {
            assert!(says(&again, part), "{part}: {}", again.text());
        }
        let file = download(&staff, &again).await;
        assert!(name_of(&file).contains("-changed.csv"), "{}", name_of(&file));
        assert!(file.body.len() < before.body.len());
    }

    async fn a_file_is_its_library_s_own(app: &TestApp) {
        app.issued_to_hanako().await;
        let staff = app.sato().await;
        let made = make(&staff, "himeji").await;
        let stranger = app.staff("shiomi", todoke::demo::STAFF_LOGIN).await;
        for part in ["", "/file.csv"] {
            let url = format!("{}{part}", made.url).replace("/himeji/", "/shiomi/");
            pages::refuses(&stranger.browser.open(&url).await.unwrap(), 404, "ページが見つかりません");
        }
        let nobody = app.journey("himeji").browser.open(made.url.as_str()).await.unwrap();
        assert!(nobody.url.path().ends_with("/staff/sign-in"), "{}", nobody.url);
    }

    async fn the_library_system_s_yes_is_put_on_record_once(app: &TestApp) {
        app.issued_to_hanako().await;
        let staff = app.sato().await;
        let made = make(&staff, "himeji").await;
        let confirmed = staff.press(&made, "図書館システムに取り込んだ").await.unwrap();
        assert!(says(&confirmed, "取り込んだことを確かめました"), "{}", confirmed.text());
        assert!(confirmed.form("図書館システムに取り込んだ").is_err());
        let library = app.library("himeji").await;
        let list = "番号\r\n300000014\r\n300000022\r\n?\r\n".as_bytes();
        let lines = app.portal().list_outside_confirmations(&library, Some(&anybody_of(app, "himeji").await), list).await.unwrap();
        let about: Vec<_> = lines.into_iter().map(|line| (line.line, line.about)).collect();
        assert_eq!(about, [(2, Confirmed::Settled), (3, Confirmed::Unknown), (4, Confirmed::Unreadable)]);
    }

    async fn without_a_profile_there_is_no_file(app: &TestApp) {
        let (library, by) = (app.library("himeji").await, anybody_of(app, "himeji").await);
        for name in ["patrons", "unknown"] {
            let name: ProfileName = name.parse().unwrap();
            let period = Period::Days(date!(2026 - 11 - 01), date!(2026 - 11 - 30));
            let refused = app.portal().preview_export(&library, &by, &name, period).await;
            assert!(matches!(refused, Err(Error::NotFound)), "{name}");
        }
        let staff = app.sato().await;
        pages::refuses(&staff.open_staff("exchange/new?profile=x").await.unwrap(), 404, "ページが見つかりません");
    }

    async fn what_is_typed_into_the_library_system_can_be_copied(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let staff = app.sato().await;
        let file = staff.open_staff(&format!("applications/{}", hanako.reference)).await.unwrap();
        let page = staff.browser.click(&file, "図書館システムに入力する").await.unwrap();
        assert_eq!(page.text_of("output").as_deref(), Some("300000014"));
        assert!(page.html().contains("data-copy=\"氏名\"") && page.html().contains("<svg role=\"img\""));
        let stranger = app.staff("shiomi", todoke::demo::STAFF_LOGIN).await;
        let other = stranger.open_staff(&format!("applications/{}/transcription", hanako.reference)).await.unwrap();
        pages::refuses(&other, 404, "ページが見つかりません");
    }

    async fn a_rehearsal_tells_every_line_and_changes_nothing(app: &TestApp) {
        app.issued_to_hanako().await;
        let staff = app.sato().await;
        let file = shift_jis(&[line("300000021", "試験　太郎"), line("300000022", "試験　太郎"), line("300000014", "別の　人")]);
        let told = send(&staff, "rehearse", &file).await;
        assert_eq!(told.status, 200, "{}", told.text());
        for part in ["確かめた結果（まだ取り込んでいません）", "3行目：この館の番号の形でないか", "4行目：この番号は、ほかの人のカード番号です"] {
            assert!(says(&told, part), "{part}: {}", told.text());
        }
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons").await, 1);
        let refused = send(&staff, "take", &file).await;
        pages::is_rejected(&refused, "file", "何も取り込んでいません");
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons").await, 1);
        let other = send(&staff, "take", b"a,b\n1,2\n").await;
        pages::is_rejected(&other, "file", "1番目の項目の名前が「a」です");
        pages::is_rejected(&send(&staff, "take", b"").await, "file", "ファイルを選んでください");
    }

    async fn patrons_are_taken_over_once_and_changed_when_the_file_says_so(app: &TestApp) {
        let staff = app.sato().await;
        let lines = [line("300000021", "試験　太郎"), line("300000038", "試験　次郎")];
        let taken = send(&staff, "take", &shift_jis(&lines)).await;
        assert!(says(&taken, "取り込みました") && says(&taken, "新しく取り込む2件"), "{}", taken.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons WHERE application_id IS NULL").await, 2);

        let again = send(&staff, "take", &shift_jis(&lines)).await;
        assert!(says(&again, "同じ2件") && says(&again, "新しく取り込む0件"), "{}", again.text());
        let later = [lines[0].replace("20300331", "20330331"), lines[1].clone()];
        let changed = send(&staff, "take", &shift_jis(&later)).await;
        assert!(says(&changed, "変わる1件"), "{}", changed.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons").await, 2);
        let until = app.database.count("SELECT COUNT(*) FROM cards WHERE CAST(expires_on AS TEXT) = '2033-03-31'").await;
        assert_eq!(until, 1);
        // Nobody else gets a number that stands in the file: 30000001 to 30000003 are passed over.
        app.issued_to_hanako().await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards WHERE number = '300000045'").await, 1);
        // What came from the library system does not go back to it.
        let out = staff.open_staff(new_of("himeji")).await.unwrap();
        assert!(says(&out, "1件"), "{}", out.text());
        let overview = staff.open_staff("exchange").await.unwrap();
        assert_eq!(overview.html().matches("<td>いまの利用者の取込み</td>").count(), 3, "{}", overview.text());
    }

    async fn bad_lines_can_be_left_out(app: &TestApp) {
        let staff = app.sato().await;
        let file = shift_jis(&[line("300000021", "試験　太郎"), line("1", "試験　次郎")]);
        let taken = send(&staff, "take-good", &file).await;
        assert_eq!(taken.status, 200, "{}", taken.text());
        assert!(says(&taken, "取り込みました") && says(&taken, "取り込めない1件"), "{}", taken.text());
        assert_eq!(app.database.count("SELECT COUNT(*) FROM patrons").await, 1);
    }

    async fn a_run_that_was_cut_short_is_repeated(app: &TestApp) {
        let library = app.library("himeji").await;
        let series = &library.rules.number_series;
        let lines: Vec<String> =
            (0..650).map(|place| line(series.number(place).unwrap().as_str(), "試験　太郎")).collect();
        let profile: ProfileName = "patrons".parse().unwrap();
        let take = |lines: &[String]| {
            let file = shift_jis(lines);
            app.portal().import_patrons(&library, None, &profile, file, BadLines::Refuse)
        };
        // As if the second batch had never been committed.
        assert_eq!(take(&lines[..300]).await.unwrap().counts.taken, 300);
        let report = take(&lines).await.unwrap();
        assert_eq!((report.counts.equal, report.counts.taken), (300, 350));
        assert_eq!(app.database.count("SELECT COUNT(*) FROM cards").await, 650);
        assert_eq!(app.database.count("SELECT COUNT(*) FROM imports WHERE made_by IS NULL").await, 2);
    }

    async fn what_somebody_signed_is_not_overwritten_and_a_number_stays_with_its_person(app: &TestApp) {
        let hanako = app.issued_to_hanako().await;
        let staff = app.sato().await;
        let same = "300000014,姫路　花子,ヒメジ　ハナヨ,19900401,,,,,,,,,,,,20300331".to_owned();
        let told = send(&staff, "take", &shift_jis(&[same])).await;
        assert!(says(&told, "同じ1件"), "{}", told.text());
        let application = app.application("himeji", &hanako.reference).await;
        let mut tx = app.database.db.read().await.unwrap();
        let patron = patrons::find_by_application(&mut tx, application.library_id, application.id).await.unwrap().unwrap();
        assert_eq!(patron.facts.kana.as_str(), "ヒメジ　ハナコ");
        drop(tx);
        let told = send(&staff, "take-good", &shift_jis(&[line("300000014", "試験　太郎")])).await;
        assert!(says(&told, "ほかの人のカード番号"), "{}", told.text());
    }

    async fn whoever_works_for_one_branch_exchanges_nothing(app: &TestApp) {
        app.issued_to_hanako().await;
        let made = make(&app.sato().await, "himeji").await;
        let branch = Some("aboshi".parse().unwrap());
        app.hire_as("himeji", "imai", "今井", vec![RoleGrant { role: Role::Supervisor, branch }]).await;
        let imai = app.staff("himeji", "imai").await;
        for path in ["exchange", new_of("himeji")] {
            pages::refuses(&imai.open_staff(path).await.unwrap(), 404, "ページが見つかりません");
        }
        for part in ["", "/file.csv"] {
            let page = imai.browser.open(&format!("{}{part}", made.url)).await.unwrap();
            pages::refuses(&page, 404, "ページが見つかりません");
        }
        let refused = send(&imai, "take", &shift_jis(&[line("300000021", "試験　太郎")])).await;
        pages::refuses(&refused, 404, "ページが見つかりません");
    }
}
