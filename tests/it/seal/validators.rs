//! What programs say that are not ours: pyHanko and poppler.

use super::{file_of, notice_of};
use crate::support::app::{TestApp, stories};
use crate::support::loopback;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Once};
use todoke::demo::authority::TimestampFault;
use todoke::demo::stage::Stage;
use todoke::gateway::timestamp::TimestampAuthority;
use todoke::jpki::Anchor;

/// A folder of its own for the files that other programs look at; gone at the end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("todoke-seal-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder left behind in the temporary directory is no reason to fail.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// What a program says, on both channels; it may be discontent.
pub(super) fn said(program: impl AsRef<std::ffi::OsStr>, arguments: &[&std::ffi::OsStr]) -> String {
    let name = program.as_ref().to_string_lossy().into_owned();
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{name} is needed for this test: {error}"));
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub(crate) fn text_of(pdf: &[u8]) -> String {
    let folder = Folder::new();
    said("pdftotext", &["-layout".as_ref(), folder.put("a.pdf", pdf).as_os_str(), "-".as_ref()])
}

/// The program that `TEST_PYHANKO` names; `None`, said aloud, without it.
fn pyhanko() -> Option<PathBuf> {
    static SAID: Once = Once::new();
    let program = std::env::var_os("TEST_PYHANKO").map(PathBuf::from);
    if program.is_none() {
        SAID.call_once(|| {
            let _ = writeln!(std::io::stderr(), "not asked: pyHanko, because TEST_PYHANKO is not set");
        });
    }
    program
}

/// pyHanko's verdict by these roots, as of the story's own time.
fn verdict(program: &Path, app: &TestApp, file: &Path, folder: &Folder, roots: &[&[u8]]) -> String {
    let mut arguments: Vec<std::ffi::OsString> =
        ["sign", "validate", "--pretty-print", "--no-revocation-check"].map(Into::into).into();
    arguments.push("--validation-time".into());
    let day = app.now().format(&time::format_description::well_known::Rfc3339).unwrap();
    arguments.push(day.into());
    for (number, root) in roots.iter().enumerate() {
        arguments.push("--trust".into());
        arguments.push(folder.put(&format!("root-{number}.der"), root).into());
    }
    arguments.push(file.into());
    let arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(AsRef::as_ref).collect();
    said(program, &arguments)
}

/// Asks pyHanko, if there is one, whether it believes the seal on a file.
pub(super) fn believes(app: &TestApp, pdf: &[u8]) {
    let Some(program) = pyhanko() else { return };
    let folder = Folder::new();
    let file = folder.put("notice.pdf", pdf);
    let sound = verdict(&program, app, &file, &folder, &[&app.stage.seal_root]);
    for part in ["cryptographically sound", "covers the entire file", "The signature is judged VALID"] {
        assert!(sound.contains(part), "{part}: {sound}");
    }
}

fn with_a_timestamping_authority(stage: &mut Stage) {
    let (authority, clock) = (Arc::clone(&stage.authority), stage.portal.clock.clone());
    let url = loopback::serve("application/timestamp-query", move |question| {
        Some(authority.stamp(question, TimestampFault::None, clock.now()).unwrap())
    });
    let anchors = vec![Anchor::from_der(stage.authority.anchor_der()).unwrap()];
    let timeout = std::time::Duration::from_secs(5);
    stage.portal.timestamps = Some(TimestampAuthority::over(url.as_str(), anchors, timeout).unwrap());
}

stories! {
    async fn pyhanko_and_poppler_call_the_seal_sound_over_the_entire_file(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, notice) = notice_of(app, &submitted).await;
        let folder = Folder::new();
        let file = folder.put("notice.pdf", &file_of(&reader, &notice).await);
        let poppler = said("pdfsig", &["-nocert".as_ref(), file.as_os_str()]);
        for part in ["Signature is Valid.", "Total document signed", "ETSI.CAdES.detached"] {
            assert!(poppler.contains(part), "{part}: {poppler}");
        }
        let Some(program) = pyhanko() else { return };
        let sound = verdict(&program, app, &file, &folder, &[&app.stage.seal_root]);
        for part in ["cryptographically sound", "certificate is trusted", "covers the entire file", "The signature is judged VALID"] {
            assert!(sound.contains(part), "{part}: {sound}");
        }
        let untrusted = verdict(&program, app, &file, &folder, &[app.stage.authority.anchor_der()]);
        assert!(!untrusted.contains("judged VALID"), "a validator that says yes to everybody: {untrusted}");
    }

    #[stage(with_a_timestamping_authority)]
    async fn pyhanko_believes_the_time_of_the_seal(app: &TestApp) {
        let submitted = app.issued_to_hanako().await;
        let (reader, notice) = notice_of(app, &submitted).await;
        let file = file_of(&reader, &notice).await;
        assert_eq!(app.database.count("SELECT COUNT(*) FROM notice_documents WHERE level = 'b_t'").await, 1);
        app.portal().seals.find("himeji").unwrap().is_on(&file).unwrap();
        let Some(program) = pyhanko() else { return };
        let folder = Folder::new();
        let file = folder.put("notice.pdf", &file);
        let roots = [app.stage.seal_root.as_slice(), app.stage.authority.anchor_der()];
        let sound = verdict(&program, app, &file, &folder, &roots);
        for part in ["The TSA certificate is trusted", "covers the entire file", "The signature is judged VALID"] {
            assert!(sound.contains(part), "{part}: {sound}");
        }
    }
}
