//! The promise of the `Store` port, kept by every database.
//!
//! - `database.rs`: a database of its own for every test, and a hand that reaches into it past the store
//! - the other files: the cases, one async function each
//!
//! To add a case: write it in the file it belongs to and name it in `suite!` below. To add a database: add its module
//! to `suite!` and its constructor to `Database`.

pub(crate) mod database;
mod disk;
mod erasure;
mod errands;
mod exactly_once;
mod faults;
mod history;
mod people;
mod rivals;
mod verify;

use wechat_gateway::ids::{AppId, DedupeKey, OpenId, UnionId};
use wechat_gateway::ledger::{Action, Command, Facts, Resolution, Subject};
use wechat_gateway::store::{Receipt, Settled, Store};

use database::Database;

macro_rules! suite {
    ($($file:ident: $($case:ident)*;)*) => {
        mod sqlite {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$file::$case(super::Database::sqlite()).await;
                }
            )*)*
        }
        mod postgres {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$file::$case(super::Database::postgres().await).await;
                }
            )*)*
        }
    };
}

suite! {
    exactly_once:
        a_repeated_command_gets_what_was_stored
        a_repeat_within_one_commit_is_settled_once
        concurrent_repeats_over_two_gateways_are_settled_once
        a_repeat_is_found_however_long_ago_it_was_and_by_whichever_gateway
        the_same_request_again_is_replayed_and_another_one_is_a_duplicate
        an_idempotency_key_with_another_body_is_refused
        a_restart_knows_everything;
    people:
        a_stranger_is_not_written_down
        a_provisional_person_who_follows_is_asked_for
        a_name_that_is_known_leads_to_the_same_person
        two_gateways_meeting_the_same_new_follower_know_one_person
        a_provisional_person_is_merged_when_the_union_id_is_found
        two_different_union_ids_never_merge;
    rivals:
        gateways_that_remember_the_same_people_agree_with_the_log
        a_person_whom_another_gateway_has_changed_is_read_again
        a_name_that_another_gateway_has_erased_comes_back_in_clear
        a_new_name_and_its_erasure_at_the_same_time_are_one_person
        a_new_union_id_and_its_erasure_at_the_same_time_are_one_person
        three_gateways_naming_and_erasing_the_same_people_know_each_once;
    history:
        a_history_is_paged_newest_first
        a_merged_history_is_both_histories
        the_log_is_in_append_order;
    errands:
        an_errand_is_handed_out_once_and_again_when_its_lease_is_over
        an_errand_given_back_is_due_when_it_says
        two_gateways_never_hold_the_same_errand
        an_errand_ends_with_the_command_that_names_it_and_its_heir_knows_the_follower
        an_errand_of_whoever_was_erased_names_nobody
        an_errand_that_cannot_be_read_leaves_the_others_alone;
    erasure:
        leaving_and_returning_finds_the_same_caps
        who_leaves_through_one_gateway_returns_through_another
        who_is_known_elsewhere_keeps_the_union_id
        an_event_that_arrives_late_brings_no_name_back
        who_asked_to_be_forgotten_stays_forgotten
        an_unfollow_of_a_stranger_leaves_no_name;
    faults:
        tables_of_another_version_are_refused
        a_locked_database_refuses_within_half_a_second_and_writes_nothing
        a_caller_that_goes_away_changes_nothing
        cut_connections_lose_and_double_nothing
        a_command_that_cannot_be_stored_leaves_the_others_alone
        a_person_who_cannot_be_read_leaves_the_others_alone
        a_link_to_nobody_leaves_the_others_alone
        a_repeat_of_an_event_that_is_gone_leaves_the_others_alone;
    verify:
        an_untouched_store_agrees_with_its_log
        a_state_edited_by_hand_is_found
        a_broken_chain_is_found
        a_missing_event_is_found
        a_row_that_cannot_be_read_is_found
        a_store_in_use_agrees;
}

/// What only a server can be asked to do: it is stopped at a certain statement.
macro_rules! postgres_alone {
    ($($file:ident: $($case:ident)*;)*) => {
        mod postgres_alone {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$file::$case(super::Database::postgres().await).await;
                }
            )*)*
        }
    };
}

postgres_alone! {
    rivals:
        a_name_that_returns_between_two_looks_leads_to_the_same_person
        a_conflict_that_never_ends_leaves_the_others_alone
        a_commit_that_the_server_has_forgotten_is_forgotten_here_too
        a_person_locked_by_somebody_else_leaves_the_others_of_their_commit_alone
        a_person_locked_by_somebody_else_leaves_the_queue_alone
        readers_do_not_keep_a_command_waiting;
    faults:
        a_server_that_takes_no_writes_is_not_ready
        a_server_that_is_slow_to_answer_is_waited_for_at_the_start;
    errands:
        an_errand_claimed_while_its_person_is_merged_knows_the_follower;
}

const APP: &str = "wx00000000000000aa";

/// A touchpoint of the person with this OpenID at the `brand` account.
pub(crate) fn touch(open_id: &str, key: &str) -> Command {
    Command {
        key: DedupeKey::of(1_700_000_000_000, key),
        request: None,
        subject: Subject {
            person: None,
            union_id: None,
            identity: Some((AppId::parse(APP).unwrap(), OpenId::parse(open_id).unwrap())),
            resolution: Resolution::Never,
        },
        kind: "x.test".into(),
        occurred_at: 1_700_000_000_000,
        received_at: 1_700_000_000_500,
        facts: Facts {
            app_id: Some(AppId::parse(APP).unwrap()),
            basis: Some("contract".into()),
            ..Facts::default()
        },
        action: Action::Touch,
    }
}

/// A touchpoint of the person with this UnionID.
fn touch_union(union_id: &str, key: &str) -> Command {
    let mut command = touch("unused-open-id", key);
    command.subject.identity = None;
    command.subject.union_id = Some(UnionId::parse(union_id).unwrap());
    command
}

fn with_union(mut command: Command, union_id: &str) -> Command {
    command.subject.union_id = Some(UnionId::parse(union_id).unwrap());
    command
}

pub(crate) async fn settle(store: &dyn Store, command: Command) -> Receipt {
    match store.settle(command).await.unwrap() {
        Settled::Done(receipt) => receipt,
        Settled::Stranger => panic!("nobody is known under that name"),
    }
}
