//! Stories through the browser's door, and the store's contract, on both engines.

#[cfg(test)]
mod access;
#[cfg(test)]
mod apply;
#[cfg(test)]
mod attachments;
#[cfg(test)]
mod blocks;
#[cfg(test)]
mod bounce_pipe;
#[cfg(test)]
mod bounces;
#[cfg(test)]
mod card;
#[cfg(test)]
mod card_sign_in;
#[cfg(test)]
mod certificate_number;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod correction;
#[cfg(test)]
mod cosign;
#[cfg(test)]
mod counter_password;
#[cfg(test)]
mod courier;
#[cfg(test)]
mod deliver;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod guardian;
#[cfg(test)]
mod handoff;
#[cfg(test)]
mod issue;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod library_texts;
#[cfg(test)]
mod mail_languages;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod openid;
#[cfg(test)]
mod operation;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod papers;
#[cfg(test)]
mod passkeys;
#[cfg(test)]
mod password_sign_in;
#[cfg(test)]
mod patron_page;
#[cfg(test)]
mod procedures;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod remind;
#[cfg(test)]
mod responder;
#[cfg(test)]
mod review;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod seal;
#[cfg(test)]
mod sign;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod smtp;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod truth;
#[cfg(test)]
mod unread;
#[cfg(test)]
mod unsigned;
#[cfg(test)]
mod upload;
#[cfg(test)]
mod visit;
