use super::*;

/// As notices were kept before libraries had words of their own in them.
const KEPT: [&str; 2] = [
    r#"{"kind":"issued","document_number":"2026-000001","issued_on":"2026-11-20","library_name":"姫路市立図書館","issuer":"図書館長","contact":"0790-00-0000","reference":"LC-2222-2222","name":"姫路　花子","category":"市内","card_number":"300000014","card_number_grouped":"3000 0001 4","barcode":"A300000014A","expires_on":"2029-11-20","loan_limit":6,"portal_url":"https://example.jp/himeji/ja/"}"#,
    r#"{"kind":"declined","document_number":"2026-000002","decided_on":"2026-11-20","library_name":"姫路市立図書館","issuer":"図書館長","contact":"0790-00-0000","reference":"LC-2222-2222","name":"姫路　花子","reason":"住所"}"#,
];

#[test]
fn what_was_kept_before_still_opens_and_is_kept_as_it_was() {
    for kept in KEPT {
        let content: NoticeContent = serde_json::from_str(kept).unwrap();
        assert_eq!(serde_json::to_string(&content).unwrap(), kept);
        let more = kept.replacen('{', "{\"more\":1,", 1);
        assert!(serde_json::from_str::<NoticeContent>(&more).is_err(), "nothing that nobody knows");
    }
}

#[test]
fn what_the_library_says_and_how_a_password_is_collected_are_kept() {
    let mut content: NoticeContent = serde_json::from_str(KEPT[0]).unwrap();
    if let NoticeContent::Issued(card) = &mut content {
        card.password_way = Some(PasswordWay::Card);
        card.library_words = Some("またどうぞ。".into());
    }
    let kept = serde_json::to_string(&content).unwrap();
    assert!(kept.ends_with(r#""password_way":"card","library_words":"またどうぞ。"}"#), "{kept}");
    assert_eq!(serde_json::from_str::<NoticeContent>(&kept).unwrap(), content);
    assert_eq!(content.cards().len(), 1);
}
