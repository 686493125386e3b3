//! **Todoke** (届: to apply, and to deliver) — the library counter, online.
//!
//! A resident fills in a form, signs it with the My Number card through a smartphone app;
//! library staff review and approve; the portal issues a card number, an expiry date and
//! an initial reservation password, and delivers them electronically (電子交付).
//!
//! # The layers
//! Data flows one way, and each layer knows only those below it; `tests/architecture.rs`
//! keeps it so.
//!
//! | Module | What it is | It never knows |
//! |---|---|---|
//! | [`jpki`] | the signature engine: bytes, anchors and a time in, a verdict out. Pure | anything of libraries |
//! | [`evidence`] | the archive of one signature, checked again offline. Pure | applications |
//! | [`passkey`] | what a browser brings back of a passkey: bytes, a key and a challenge in, yes or a fault out. Pure | whose it is |
//! | [`picture`] | what was sent as proof becomes a picture: any bytes in, a fresh JPEG out. Pure | what it is proof of |
//! | [`domain`] | the rules of the library: values, states, transitions. Pure, takes `now` | text for people |
//! | [`words`] | every text of pages, papers and mails for residents in every language, one method each. Pure | what it is said of |
//! | [`document`] | what is put on paper: the application to be signed, the notice in its reader's language, the barcode | where they are kept |
//! | [`store`] | all SQL, one text for SQLite and PostgreSQL; sealing of personal data | rules |
//! | [`gateway`] | the outside: mail in the reader's words, the signing app, revocation lists | SQL |
//! | [`service`] | what a person wants done: one function, one goal, one transaction | HTTP |
//! | [`http`] | requests in, pages out | SQL, gateways |
//! | [`demo`] | a library to try: test cards, a simulated signing app, seeded data | production |
//! | [`config`], [`server`], [`workers`], [`cli`] | settings, composition, what runs beside, commands | |
//!
//! # The way of a value
//! `http/routes.rs` names the handler; the handler parses and calls the service function of
//! the same verb; that loads, asks the domain's transition of the same verb, and saves
//! through the store's file of the same noun; the page is the template of the same path.
//!
//! # Decisions, and why
//! - **What is signed is one file.** A PDF/A-3 that people read, with the same answers as
//!   canonical JSON attached; its SHA-256 is the version's identity. The reviewer's page
//!   and the issued card are read back from that file, never from the draft beside it.
//! - **A decision names what it saw.** Version and digest travel through the reviewer's form;
//!   the domain refuses any other.
//! - **The signing app gets a `DigestInfo` of CMS signed attributes**, so the evidence is an
//!   ordinary CMS that `openssl cms -verify` accepts in ten years.
//! - **One return address.** The signing app knows `/signing/return` only; the request, bound
//!   to the browser session, tells the library. A new library needs no new registration.
//! - **One table of rights.** `http/routes.rs` names a permission for every route of the staff's, `domain/permission.rs`
//!   says which role allows it, transitions ask the same question, and what lies outside somebody's branches does
//!   not exist for them.
//! - **Nothing personal rests in the clear.** One data key per application or patron, wrapped by
//!   a master key; erasing the data key erases the person. Events carry no contents.
//! - **A notice is given in one language**: its applicant's when it was placed. So its file stays, seal and all; its page is
//!   read in any, and says when the file speaks another. Its name and what the law says of remedies stand in Japanese as
//!   well, and the latter counts.
//! - **What is shown before a decision is the decision.** A reviewer reads the notice that an approval would place: the
//!   approval is carried out in a transaction that is taken back, and the notice drawn by what draws it for its reader.
//! - **What a library writes is one text in several languages**, and the Japanese counts: it is signed, compared and shown
//!   to staff. Pages, mails and papers say the translation; where it binds somebody (a consent, who decides) the Japanese
//!   stands beside it.
//! - **The initial password does not exist until it is looked at**, and then only its hash rests.
//!   The collection code that guards it is derived from a key outside the database.
//! - **A guardian signs for a child while nobody else can.** What is asked about the child's card is the child's facts and the
//!   guardian's signature, and only of the guardian by whose application the child got the card: who else is a parent, no
//!   certificate says.
//! - **Doubles are found by tokens and judged by people.** Two facts make a candidate, never one; what a reviewer says
//!   is bound to digests of both people's facts, and the approving transaction looks once more.
//! - **A telephone signs, the PC applies.** A hand-off gives the telephone a session that is
//!   worth nothing at any library; the number match comes before anything personal, and the
//!   receipt stays with the session that began the application.
//! - **Own client for the signing app**, on `reqwest` and `jsonwebtoken`: the ready-made OpenID
//!   client brings in an RSA implementation with an unpatched timing advisory and knows
//!   neither `private_key_jwt` nor sign transactions.
//! - **Times are UTC microseconds in one type on both engines; dates are dates in Japan.**
//!
//! # Words
//! applicant / patron: a person before / after a card exists. Draft → awaiting signature (→
//! awaiting guardian) → submitted → under review (↔ returned) → approved → issued, or declined;
//! also withdrawn, lapsed, purged ([`domain::application`]). Notice: what we tell; delivery: how it
//! gets there. Event: the append-only record. See [`domain`].

pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod document;
pub mod domain;
pub mod evidence;
pub mod gateway;
pub mod http;
pub mod jpki;
pub mod passkey;
pub mod picture;
pub mod random;
pub mod server;
pub mod service;
pub mod sha256;
pub mod store;
pub mod telemetry;
pub mod words;
pub mod workers;
