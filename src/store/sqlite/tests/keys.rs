//! Unique keys on their way into the index.

use super::*;

#[tokio::test]
async fn old_keys_enter_the_index_and_are_found_there() {
    let place = Place::new();
    let limits = Limits { held: 32, slice: 8, first: 8, ..Limits::default() };
    let store = place.open_with(limits, Box::new(|| Ok(())));

    for i in 0..100 {
        assert!(is_fresh(&store, &format!("k{i}")).await);
    }

    // 40 are one slice too many; 100 leave 32 to 39.
    assert_eq!(place.number("SELECT event FROM indexed"), 64);
    assert_eq!(place.number("SELECT count(*) FROM dedupe"), 64);
    for store in [store, place.open()] {
        for i in 0..100 {
            assert!(!is_fresh(&store, &format!("k{i}")).await, "{i}");
        }
    }
}

#[tokio::test]
async fn keys_enter_the_index_however_soon_the_process_is_started_again() {
    let place = Place::new();
    let limits = Limits { held: 8, slice: 8, first: 8, ..Limits::default() };

    for i in 0..64 {
        assert!(is_fresh(&place.open_with(limits, Box::new(|| Ok(()))), &format!("k{i}")).await);
    }

    assert!(place.number("SELECT event FROM indexed") >= 40);
}

#[tokio::test]
async fn a_commit_of_many_events_brings_many_keys_into_the_index() {
    let place = Place::new();
    let limits = Limits { held: 8, slice: 128, first: 128, ..Limits::default() };
    let store = place.open_with(limits, Box::new(|| Ok(())));

    for round in 0..16 {
        let keys: Vec<_> = (0..64).map(|i| format!("{round} {i}")).collect();
        let fresh = futures::future::join_all(keys.iter().map(|key| is_fresh(&store, key))).await;
        assert!(fresh.iter().all(|fresh| *fresh));
    }

    // One for a commit instead of four for each of its events would leave all but the first slices.
    let held = 16 * 64 - place.number("SELECT event FROM indexed");
    assert!(held <= 8 + 3 * 128, "{held}");
}
