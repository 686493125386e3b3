use super::*;

/// As Postfix writes it (RFC 3464 §2).
const POSTFIX: &str = "Return-Path: <>\r
X-Original-To: bounce+abc@card.example.jp\r
Delivered-To: bounce@card.example.jp\r
From: MAILER-DAEMON@mx.example.jp (Mail Delivery System)\r
Subject: Undelivered Mail Returned to Sender\r
To: bounce+abc@card.example.jp\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status;\r
\tboundary=\"4B1234.1700000000/mx.example.jp\"\r
\r
This is a MIME-encapsulated message.\r
\r
--4B1234.1700000000/mx.example.jp\r
Content-Description: Notification\r
Content-Type: text/plain; charset=us-ascii\r
\r
Status: 5.1.1 stands here too\r
\r
--4B1234.1700000000/mx.example.jp\r
Content-Description: Delivery report\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.jp\r
Arrival-Date: Fri, 20 Nov 2026 14:30:00 +0900 (JST)\r
\r
Final-Recipient: rfc822; hanako@example.jp\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 <hanako@example.jp>: Recipient address\r
    rejected: User unknown\r
\r
--4B1234.1700000000/mx.example.jp\r
Content-Type: message/rfc822\r
\r
Subject: x\r
\r
--4B1234.1700000000/mx.example.jp--\r
";

fn read(text: &str) -> Option<Report> {
    Report::read(text.as_bytes())
}

#[test]
fn a_report_tells_to_whom_it_went_and_that_nobody_is_there() {
    let report = read(POSTFIX).unwrap();
    assert_eq!(report.verdict, Verdict::Hard);
    assert_eq!(report.sent_to.first().map(String::as_str), Some("bounce+abc@card.example.jp"));
    assert_eq!(report.recipients, ["hanako@example.jp"]);
    assert_eq!(read(&POSTFIX.replace("\r\n", "\n")), Some(report), "whatever ends its lines");
}

#[test]
fn a_full_mailbox_is_another_thing() {
    let full = POSTFIX.replace("Status: 5.1.1\r", "Status: 5.2.2\r");
    assert_eq!(read(&full).unwrap().verdict, Verdict::Soft);
}

#[test]
fn only_those_who_are_gone_are_named() {
    let second =
        "\r\nOriginal-Recipient: rfc822;taro@example.jp\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--4B1234.1700000000";
    let two = POSTFIX.replacen(
        "\r\n--4B1234.1700000000/mx.example.jp\r\nContent-Type: message/rfc822",
        &format!("{second}/mx.example.jp\r\nContent-Type: message/rfc822"),
        1,
    );
    let report = read(&two).unwrap();
    assert_eq!((report.verdict, report.recipients), (Verdict::Hard, vec!["hanako@example.jp".to_owned()]));
}

#[test]
fn what_is_late_has_not_failed() {
    assert_eq!(read(&POSTFIX.replace("Action: failed", "Action: delayed")), None);
    assert_eq!(read(&POSTFIX.replace("Action: failed", "Action: delivered")), None);
}

#[test]
fn whatever_somebody_has_written_is_no_report() {
    assert_eq!(read(&POSTFIX.replace("Return-Path: <>", "Return-Path: <a@example.jp>")), None);
    assert_eq!(read(&POSTFIX.replace("multipart/report", "multipart/mixed")), None);
    assert_eq!(read(&POSTFIX.replace("report-type=delivery-status", "report-type=disposition-notification")), None);
    assert_eq!(read(&POSTFIX.replace("message/delivery-status", "text/plain")), None);
    for text in ["", "\r\n", "Content-Type: multipart/report", "Subject: Re: x\r\n\r\nhello"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn no_octets_and_no_cut_make_it_stumble() {
    let bytes = POSTFIX.as_bytes();
    for end in 0..bytes.len() {
        drop(Report::read(&bytes[..end]));
    }
    let mut odd = bytes.to_vec();
    for place in (0..odd.len()).step_by(7) {
        odd[place] = 0xFF;
        drop(Report::read(&odd));
    }
}
