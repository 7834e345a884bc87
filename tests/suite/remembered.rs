//! What is remembered as long as nothing changed.

use muster::domain::people::Role;
use muster::web::remembered::Remembered;

use crate::app::TestApp;

#[test]
fn what_is_reckoned_is_remembered_until_anything_changes() {
    let app = TestApp::start();
    let remembered: Remembered<&str, usize> = Remembered::new(10);
    let mut reckoned = 0;
    let mut get = |key| {
        let mut db = app.register.database.read().unwrap();
        remembered.get(&mut db, key, |_| {
            reckoned += 1;
            Ok(reckoned)
        })
    };
    assert_eq!([get("a"), get("a")].map(Result::unwrap), [1, 1]);
    assert_eq!([get("b"), get("a"), get("b")].map(Result::unwrap), [2, 1, 2]);
    // Whatever it is that changes, and by whichever replica.
    app.account(Role::Auditor);
    assert_eq!([get("a"), get("a"), get("b")].map(Result::unwrap), [3, 3, 4]);
}

#[test]
fn no_more_is_remembered_than_was_said_and_what_holds_stays_as_long_as_it_can() {
    let app = TestApp::start();
    let remembered: Remembered<u8, u8> = Remembered::new(2);
    let asked = |key: u8, answer: u8| {
        let mut db = app.register.database.read().unwrap();
        remembered.get(&mut db, key, |_| Ok(answer)).unwrap()
    };
    assert_eq!([asked(1, 10), asked(2, 20)], [10, 20]);
    app.account(Role::Auditor);
    // The first is renewed in its place, and makes nobody forget.
    assert_eq!(asked(1, 11), 11);
    // The second holds no more, so a third takes its place, and the first stays.
    assert_eq!([asked(3, 30), asked(1, 99), asked(3, 99)], [30, 11, 30]);
    // All of them hold, and there is no room.
    assert_eq!([asked(4, 40), asked(1, 12)], [40, 12]);
}
