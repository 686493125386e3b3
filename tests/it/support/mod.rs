//! What stories stand on: a database of their own, a portal of their own, a browser.

pub(crate) mod app;
pub(crate) mod database;
pub(crate) mod lists;
pub(crate) mod loopback;
pub(crate) mod mail_server;
pub(crate) mod pages;
pub(crate) mod raw_mail;
pub(crate) mod responder;
pub(crate) mod sending;
