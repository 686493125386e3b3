//! The whole story over HTTP, by itself: applicant, app, staff, notice, password. What comes
//! out is verified again from the files alone.

use super::journey::{Journey, Person};
use super::{Demo, STAFF_LOGIN, STAFF_PASSWORD, STAFF_TOTP_SECRET};
use crate::document;
use crate::evidence::{Archive, verify_evidence};
use crate::jpki::{self, Anchor, Crl, CrlSet, Policies, Reason, RevocationStatus, Trust, pem_or_der};
use crate::server::StartError;
use crate::service::staff::current_code;
use data_encoding::BASE64;
use std::path::Path;
use std::time::Instant;
use time::OffsetDateTime;

/// Walks through everything and leaves `application.pdf`, `application.p7s`, `anchor.pem`, `crl.der`, `notice.pdf`
/// and `evidence.zip` in `out`.
///
/// # Errors
/// The first step that does not lead where it should.
pub async fn walk(demo: &Demo, out: &Path) -> Result<(), StartError> {
    std::fs::create_dir_all(out)?;
    let mut steps = Steps::default();
    let base = &demo.stage.portal.base_url;
    let person = Person::hanako();
    let applicant = Journey::new(base, "himeji", &demo.stage.mailbox)?;

    // The codes travel by the courier, as in real life; here it is called instead of waited for.
    applicant.answer("apply/who", &[("category", person.category), ("age", "yes")]).await?;
    steps.done("the applicant begins");
    let page = applicant.answer("apply/email", &[("email", &person.email)]).await?;
    demo.stage.portal.deliver_mail().await?;
    let code = applicant.newest_code(&person.email).ok_or("no code was mailed")?;
    applicant.send(&page, &[("code", &code)]).await?;
    steps.done("confirms the e-mail address with the code");
    let check = applicant.answer_the_rest(&person).await?;
    steps.done("answers every question");
    let sign = applicant.agree(&check).await?;
    steps.done("agrees: the document is frozen");
    let done = applicant.sign_with(&sign, "normal").await?;
    let reference = done.text_of(".lc-panel .lc-big").ok_or_else(|| unexpected(&done))?;
    let collection_code = done.text_of(".lc-secret .lc-big").ok_or_else(|| unexpected(&done))?;
    steps.done(&format!("signs in the app: {reference} is submitted"));

    let staff = Journey::new(base, "himeji", &demo.stage.mailbox)?;
    let totp = current_code(STAFF_TOTP_SECRET, demo.stage.portal.clock.now())?;
    let queue = staff.sign_in_staff(STAFF_LOGIN, STAFF_PASSWORD, &totp).await?;
    if !queue.text().contains(&reference) {
        return Err(unexpected(&queue));
    }
    steps.done("a librarian signs in and finds it in the queue");
    let pdf = staff.open_staff(&format!("applications/{reference}/document")).await?.body;
    let signature = staff.open_staff(&format!("applications/{reference}/signature")).await?.body;
    let evidence = staff.open_staff(&format!("applications/{reference}/evidence.zip")).await?.body;
    let decided = staff.decide(&reference, "approve", "").await?;
    if !decided.text().contains("承認し、カードを発行しました") {
        return Err(unexpected(&decided));
    }
    steps.done("claims it, compares, approves: the card is issued");

    let patron = Journey::new(base, "himeji", &demo.stage.mailbox)?;
    let deliver = async || -> Result<(), StartError> {
        demo.stage.portal.deliver_mail().await?;
        Ok(())
    };
    let status = patron.sign_in(&person, &reference, deliver).await?;
    steps.done("the applicant signs in on another device");
    let notice = patron.browser.click(&status, "貸出券番号等通知書").await?;
    let notice_pdf = patron.browser.click(&notice, "PDFで保存").await?.body;
    steps.done("reads the notice and keeps its PDF");
    let desk = patron.open("password").await?;
    let shown = patron.send(&desk, &[("code", &collection_code)]).await?;
    let password = shown.text_of("output").ok_or_else(|| unexpected(&shown))?;
    if password.replace(' ', "").len() < 8 {
        return Err(unexpected(&shown));
    }
    steps.done("sees the initial password, once");

    let anchor = pem(demo.stage.authority.anchor_der());
    for (name, bytes) in [
        ("application.pdf", &pdf),
        ("application.p7s", &signature),
        ("anchor.pem", &anchor.into_bytes()),
        ("crl.der", &demo.stage.crl),
        ("notice.pdf", &notice_pdf),
        ("evidence.zip", &evidence),
    ] {
        std::fs::write(out.join(name), bytes)?;
    }
    steps.done(&format!("six files are left in {}", out.display()));
    verify_files(out, &reference, demo.stage.portal.clock.now())?;
    steps.done("everything is verified again from those files");
    println!("walked in {} ms", steps.begun().elapsed().as_millis());
    Ok(())
}

/// Verifies what lies in `folder` with nothing but what lies there.
fn verify_files(folder: &Path, reference: &str, now: OffsetDateTime) -> Result<(), StartError> {
    let read = |name: &str| std::fs::read(folder.join(name));
    let anchor = read("anchor.pem")?;
    let anchor = pem_or_der(&anchor).ok_or("unreadable anchor")?;
    let anchor = Anchor::from_der(&anchor).map_err(Reason::as_str)?;
    let trust = Trust::signing(vec![anchor], Policies::demo());
    let mut lists = CrlSet::new();
    lists.insert(Crl::parse(&read("crl.der")?, &trust).map_err(Reason::as_str)?);
    let pdf = read("application.pdf")?;
    let verdict = jpki::verify_cms(&read("application.p7s")?, Some(&pdf), &trust, &lists, now);
    if let Some(reason) = verdict.reason() {
        return Err(format!("the signature does not verify: {}", reason.as_str()).into());
    }
    if !matches!(verdict.revocation, RevocationStatus::Good { .. }) {
        return Err("the revocation list does not answer for the certificate".into());
    }
    let statement = document::read_statement(&pdf)?;
    if statement.reference.to_string() != reference {
        return Err("the signed statement is about another application".into());
    }
    let archive = Archive::from_zip(&read("evidence.zip")?)?;
    let found = verify_evidence(&archive, &trust, &Trust::timestamping(Vec::new()));
    if let Some(reason) = found.reason() {
        return Err(format!("the evidence does not hold: {}", reason.as_str()).into());
    }
    if !read("notice.pdf")?.starts_with(b"%PDF-") {
        return Err("the notice is no PDF".into());
    }
    Ok(())
}

fn pem(der: &[u8]) -> String {
    let base64 = BASE64.encode(der);
    let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn unexpected(page: &super::browser::Page) -> StartError {
    format!("unexpected page {} ({}): {}", page.url.path(), page.status, page.title()).into()
}

/// Prints each step with the time it took.
struct Steps {
    begun: Instant,
    last: Instant,
    number: u32,
}

impl Default for Steps {
    fn default() -> Self {
        let now = Instant::now();
        Self { begun: now, last: now, number: 0 }
    }
}

impl Steps {
    fn begun(&self) -> Instant {
        self.begun
    }

    fn done(&mut self, what: &str) {
        self.number += 1;
        println!("{:>2}  {:>5} ms  {what}", self.number, self.last.elapsed().as_millis());
        self.last = Instant::now();
    }
}
