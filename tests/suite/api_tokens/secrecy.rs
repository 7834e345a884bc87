//! The token itself is on one page, once, and nowhere else: not in pages, exports, logs, the audit log,
//! nor the database.

use super::*;
use crate::app::on_postgres;
use crate::logged::log;

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether a text stands anywhere in the database.
fn stored(app: &TestApp, text: &str) -> bool {
    let mut db = app.register.database.read().unwrap();
    if on_postgres() {
        let search = format!(
            "DO $$ DECLARE t record; n bigint; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' \
             LOOP EXECUTE format('SELECT count(*) FROM %I AS x WHERE x::text LIKE %L', t.tablename, '%{text}%') INTO n; \
             IF n > 0 THEN RAISE EXCEPTION 'found in %', t.tablename; END IF; END LOOP; END $$"
        );
        return match db.execute(&search) {
            Ok(()) => false,
            Err(error) if error.to_string().contains("found in") => true,
            Err(error) => panic!("{error}"),
        };
    }
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    std::fs::read_dir(app.folder.path()).unwrap().any(|file| {
        let path = file.unwrap().path();
        path.is_file() && holds(&std::fs::read(path).unwrap(), text)
    })
}

#[test]
fn a_token_is_found_nowhere_but_on_the_page_that_showed_it() {
    log();
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let form: Vec<(&str, &str)> = [("name", "Canary"), ("purpose", "To be looked for"), ("ends_on", "2026-12-01")]
        .into_iter()
        .chain(TokenScope::ALL.iter().map(|scope| ("scopes", scope.word())))
        .collect();
    let made = administrator.post("/account/tokens", &form);
    let start = made.text.find("muster_api_").expect("the page shows the token");
    let secret = made.text[start..start + 47].to_owned();
    // The random part, the whole, and the whole as the header has it in other forms.
    let parts = [secret.clone(), secret[11..41].to_owned(), secret[11..].to_owned()];
    let header = format!("Bearer {secret}");
    let with = |path: &str| app.browser().get_with(path, &[("authorization", &header)]);
    let token = {
        let mut db = app.register.database.read().unwrap();
        use muster::domain::listing::From;
        api_tokens::lines(&mut db, None, &From::Start, 10).unwrap().remove(0).token
    };
    let identity = token.identity_id;
    assert_eq!(with("/identities").status, 200);
    assert_eq!(with("/account").status, 403);
    assert_eq!(with("/no/such/page").status, 404);
    assert_eq!(with(&format!("/identities?access_token={secret}")).status, 400);
    let mut seen = 0;
    for path in [
        "/".to_owned(),
        "/account".to_owned(),
        "/account/tokens".to_owned(),
        "/tokens".to_owned(),
        format!("/tokens/{}", token.id),
        format!("/identities/{identity}"),
        format!("/identities/{identity}/edit"),
        "/identities".to_owned(),
        "/identities.csv".to_owned(),
        "/identities.jsonl".to_owned(),
        "/audit".to_owned(),
        "/audit.csv".to_owned(),
        "/audit.jsonl".to_owned(),
        "/systems.jsonl".to_owned(),
        "/tasks.jsonl".to_owned(),
    ] {
        let page = administrator.get(&path);
        assert_eq!(page.status, 200, "{path}");
        seen += page.text.len();
        for part in &parts {
            assert!(!page.text.contains(part) && !format!("{:?}", page.headers).contains(part), "{path}");
        }
    }
    assert!(seen > 50_000, "{seen}");
    let revoked = administrator.post(&format!("/account/tokens/{}/revoke", token.id), &[]);
    assert_eq!(revoked.status, 303);
    assert_eq!(with("/identities").status, 401);
    for part in &parts {
        assert!(!stored(&app, part), "in the database");
        assert!(!holds(&log().bytes(), part), "in the log");
    }
    // The search itself finds what is there: what was typed, and the line of the refusal.
    assert!(stored(&app, "To be looked for"));
    assert!(holds(&log().bytes(), "an API token was refused"));
    assert!(holds(&log().bytes(), &token.id.to_string()));
}
