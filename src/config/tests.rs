use super::*;

fn example() -> String {
    include_str!("../../deploy/config.example.toml").to_owned()
}

fn parsed(text: &str) -> Result<Config, String> {
    let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
    config.check().map_err(|error| error.to_string())?;
    Ok(config)
}

#[test]
fn the_example_is_a_sound_production_configuration() {
    let config = parsed(&example()).unwrap();
    assert_eq!(config.environment, Environment::Production);
}

#[test]
fn an_unknown_key_is_fatal_and_named_with_its_line() {
    let text = example().replace("[database]\n", "[database]\nurll = \"x\"\n");
    let error = parsed(&text).unwrap_err();
    assert!(error.contains("urll") && error.contains("line"), "{error}");
}

/// The example with one change, and what is said to it.
fn refusal(from: &str, to: &str) -> String {
    let text = example().replace(from, to);
    assert_ne!(text, example(), "{from} must stand in the example");
    let trial = text.replace("environment = \"production\"", "environment = \"test\"");
    parsed(&trial).unwrap_or_else(|error| panic!("a trial may {to}: {error}"));
    parsed(&text).expect_err(to)
}

#[test]
fn production_is_reached_over_https_from_everywhere() {
    for bad in
        ["http://card.example.jp", "https://localhost", "https://LOCALHOST", "https://127.8.8.8", "https://[::1]"]
    {
        let error = refusal("https://card.example.jp", bad);
        assert!(error.starts_with("server.base_url: production"), "{bad}: {error}");
    }
    let error = refusal("trusted_proxies = [\"127.0.0.1\"]\n", "");
    assert!(error.starts_with("server.tls: production"), "{error}");
    let own = example().replace("trusted_proxies = [\"127.0.0.1\"]\n", "").replace("# tls = {", "tls = {");
    parsed(&own).unwrap();
}

#[test]
fn production_refuses_a_simulated_app_at_each_of_its_addresses() {
    let addresses = [
        ("issuer", "/api/realms/main\"\nclient_id"),
        ("authorization_endpoint", "/api/realms/main/protocol/openid-connect/auth\""),
        ("token_endpoint", "/api/realms/main/protocol/openid-connect/token\""),
        ("jwks_uri", "/api/realms/main/protocol/openid-connect/certs\""),
        ("sign_transactions_endpoint", "/api/sign-transactions\""),
    ];
    for (key, path) in addresses {
        for bad in [
            "https://sb-auth-and-sign.go.jp",
            "https://localhost:8081",
            "https://127.0.0.1:8081",
            "https://[::1]:8081",
            "https://[::ffff:127.0.0.1]",
            "http://auth-and-sign.go.jp",
        ] {
            let error = refusal(&format!("https://auth-and-sign.go.jp{path}"), &format!("{bad}{path}"));
            assert!(error.starts_with(&format!("signing_app.{key}: production")), "{bad}: {error}");
        }
    }
}

#[test]
fn production_keeps_no_secret_in_the_configuration() {
    for (key, from, to) in [
        ("keys.master", "master = { file = \"/etc/todoke/master.keys\" }", "master = { value = \"1:AAAA\" }"),
        (
            "signing_app.assertion_key",
            "assertion_key = { file = \"/etc/todoke/client-key.pem\" }",
            "assertion_key = { value = \"x\" }",
        ),
        (
            "mail.smtp.password",
            "# username = \"todoke\"\n# password = { file = \"/etc/todoke/smtp-password\" }",
            "username = \"todoke\"\npassword = { value = \"x\" }",
        ),
        (
            "database.url",
            "url = { value = \"sqlite:/var/lib/todoke/todoke.sqlite\" }",
            "url = { value = \"postgres://todoke:x@localhost/todoke\" }",
        ),
    ] {
        let error = refusal(from, to);
        assert!(error.starts_with(&format!("{key}: production keeps")), "{error}");
    }
    let elsewhere = example().replace(
        "url = { value = \"sqlite:/var/lib/todoke/todoke.sqlite\" }",
        "url = { file = \"/etc/todoke/database-url\" }",
    );
    parsed(&elsewhere).unwrap();
}

#[test]
fn production_hands_mail_to_a_server() {
    let smtp = "[mail.smtp]\nhost = \"mail.example.jp\"\nport = 587\nsecurity = \"starttls\"\n";
    let error = refusal(smtp, "folder = \"/var/lib/todoke/mail\"\n");
    assert!(error.starts_with("mail.folder: production"), "{error}");
}

#[test]
fn only_roots_that_were_named_are_pinned() {
    let pin = |text: &str| TrustConfig {
        anchors: Vec::new(),
        anchor_sha256: vec![text.to_owned()],
        revocation_lists: None,
        revocation_cache: None,
        revocation: Vec::new(),
    };
    let mut digest = [0xAB; 32];
    assert!(pin(&"AB:".repeat(32)).pins(&digest) && pin(&"ab".repeat(32)).pins(&digest));
    digest[31] = 0;
    assert!(!pin(&"ab".repeat(32)).pins(&digest));
    assert!(TrustConfig { anchor_sha256: Vec::new(), ..pin("") }.pins(&digest), "a trial may do without");
}

#[test]
fn sources_of_revocation_are_read_in_their_order_and_checked() {
    let sources = "[[trust.revocation]]\nkind = \"download\"\nurls = [\"http://crl.example/a.crl\"]\n\
        [[trust.revocation]]\nkind = \"ocsp\"\nurls = [\"http://ocsp.example/\"]\n[mail.smtp]";
    let config = parsed(&example().replace("[mail.smtp]", sources)).unwrap();
    let kinds: Vec<_> = config
        .trust
        .revocation_sources()
        .iter()
        .map(|source| match source {
            RevocationSettings::Folder { .. } => "folder",
            RevocationSettings::Download { .. } => "download",
            RevocationSettings::Ocsp { .. } => "ocsp",
        })
        .collect();
    assert_eq!(kinds, ["folder", "download", "ocsp"]);
    let error = parsed(&example().replace("[mail.smtp]", &sources.replace("http://ocsp", "ldap://ocsp"))).unwrap_err();
    assert!(error.starts_with("trust.revocation, source 2"), "{error}");
}

#[test]
fn production_asks_the_register_over_https_with_a_token_kept_elsewhere() {
    let lookup = |url: &str, token: &str| {
        let text = format!("[certificate_lookup]\nurl = \"{url}\"\ntoken = {token}\n[mail.smtp]");
        parsed(&example().replace("[mail.smtp]", &text))
    };
    let kept = "{ file = \"/etc/todoke/lookup-token\" }";
    lookup("https://lookup.example/", kept).unwrap();
    assert!(lookup("http://lookup.example/", kept).unwrap_err().starts_with("certificate_lookup.url: production"));
    let error = lookup("https://lookup.example/", "{ value = \"x\" }").unwrap_err();
    assert!(error.starts_with("certificate_lookup.token: production"), "{error}");
}

#[test]
fn secrets_do_not_show() {
    let text = example();
    let shown = format!("{:?}", parsed(&text).unwrap());
    assert!(!shown.contains("BEGIN PRIVATE KEY"), "{shown}");
}
