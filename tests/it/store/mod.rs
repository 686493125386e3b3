//! Contract tests: every store function, on SQLite and on PostgreSQL.

mod applications;
mod cards;
mod credentials;
mod decisions;
mod drafts;
mod email_codes;
mod erasure;
mod events;
mod evidence;
mod files;
mod fixtures;
mod idempotency;
mod keys;
mod libraries;
mod notices;
mod outbox;
mod patrons;
mod queue;
mod revocation;
mod schema;
mod sessions;
mod signatures;
mod signing_requests;
mod staff;
mod transactions;
mod versions;
