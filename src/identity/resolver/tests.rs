//! Questions to a WeChat that the test slows, breaks or counts.

use bytes::Bytes;
use futures::future::join_all;

use super::*;
use crate::account::{Format, Lang, Mode};
use crate::clock::ManualClock;
use crate::platform::fake::FakeWeChat;
use crate::session::Memory;

const BUDGET: Duration = Duration::from_millis(1_200);

struct Bench {
    wechat: Arc<FakeWeChat>,
    sessions: Arc<Memory>,
    resolver: Arc<Resolver>,
    account: Arc<Account>,
}

fn bench() -> Bench {
    let wechat = Arc::new(FakeWeChat::default());
    let sessions = Arc::new(Memory::new(Arc::new(ManualClock::at(0))));
    let resolver = Arc::new(Resolver::new(sessions.clone(), wechat.clone(), Settings::default()));
    Bench { wechat, sessions, resolver, account: account(AccountKind::OfficialAccount) }
}

fn account(kind: AccountKind) -> Arc<Account> {
    Arc::new(Account {
        name: "brand".into(),
        app_id: AppId::parse("wx00000000000000aa").unwrap(),
        kind,
        original_id: "gh_0000000000aa".into(),
        secret: "secret".into(),
        tokens: vec![],
        aes_keys: vec![],
        mode: Mode::Safe,
        format: Format::Xml,
        lang: Lang::Zh,
    })
}

fn person(n: usize) -> OpenId {
    OpenId::parse(&format!("oPerson{n:05}")).unwrap()
}

fn union(n: usize) -> String {
    format!("uPerson{n:05}")
}

impl Bench {
    fn followers(&self, people: std::ops::Range<usize>) {
        for n in people {
            self.wechat.knows(&person(n), true, Some(&union(n)));
        }
    }

    async fn resolve(&self, n: usize) -> Resolved {
        self.resolve_within(n, BUDGET).await
    }

    async fn resolve_within(&self, n: usize, budget: Duration) -> Resolved {
        self.resolver.resolve(&self.account, &person(n), budget).await
    }

    async fn recall(&self, n: usize) -> Option<Known> {
        // What is found is written down by a task that nobody waits for.
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.resolver.recall(&self.account.app_id, &person(n)).await
    }
}

fn is_union(resolved: &Resolved, n: usize) -> bool {
    matches!(resolved, Resolved::Union(id) if id.as_str() == union(n))
}

#[tokio::test(start_paused = true)]
async fn a_follower_is_found_and_remembered() {
    let bench = bench();
    bench.followers(0..1);

    assert!(is_union(&bench.resolve(0).await, 0));

    assert_eq!(bench.recall(0).await.unwrap().union_id.unwrap().as_str(), union(0));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_askers_about_one_person_make_one_call() {
    let bench = bench();
    bench.followers(0..1);
    bench.wechat.takes(Duration::from_millis(80));

    let all = join_all((0..100).map(|_| bench.resolve(0))).await;

    assert!(all.iter().all(|resolved| is_union(resolved, 0)));
    assert_eq!(bench.wechat.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_people_at_once_make_ten_calls() {
    let bench = bench();
    bench.followers(0..1_000);
    bench.wechat.takes(Duration::from_millis(80));

    let all = join_all((0..1_000).map(|n| bench.resolve(n))).await;

    assert!(all.iter().enumerate().all(|(n, resolved)| is_union(resolved, n)));
    assert_eq!(bench.wechat.asked().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn sixty_four_connections_that_bring_one_stranger_after_another_make_one_call_per_fifty() {
    let bench = Arc::new(bench());
    bench.followers(0..64 * 100);
    bench.wechat.takes(Duration::from_millis(5));

    let connections = (0..64).map(|connection| {
        let bench = bench.clone();
        async move {
            for round in 0..100 {
                let n = connection * 100 + round;
                assert!(is_union(&bench.resolve(n).await, n));
                // The commit, the answer and the next push: not the same for all.
                tokio::time::sleep(Duration::from_millis(1 + (n % 5) as u64)).await;
            }
        }
    });
    join_all(connections).await;

    let calls = bench.wechat.asked().len();
    assert!(calls <= 64 * 100 / 50, "{calls} calls for 6,400 people");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_gives_up_stops_nothing() {
    let bench = bench();
    bench.followers(0..2);
    bench.wechat.takes(Duration::from_secs(2));

    let (late, patient) = tokio::join!(
        bench.resolve_within(0, Duration::from_millis(100)),
        bench.resolve_within(0, Duration::from_secs(5)),
    );

    assert!(matches!(late, Resolved::Failed(PlatformError::Transient(_))), "{late:?}");
    assert!(is_union(&patient, 0));
    assert_eq!(bench.wechat.asked().len(), 1);
    assert!(bench.recall(0).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn what_everybody_gave_up_on_is_remembered_all_the_same() {
    let bench = bench();
    bench.followers(0..1);
    bench.wechat.takes(Duration::from_secs(2));

    assert!(matches!(bench.resolve(0).await, Resolved::Failed(_)));
    assert!(bench.recall(0).await.is_none());
    tokio::time::sleep(Duration::from_secs(2)).await;

    assert!(bench.recall(0).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_question_that_hangs_holds_nobody_else_up() {
    let bench = bench();
    bench.followers(0..2);
    bench.wechat.takes(Duration::from_secs(60));
    let hanging = bench.resolve(0);
    let other = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        bench.wechat.takes(Duration::from_millis(20));
        bench.resolve(1).await
    };

    let (hanging, other) = tokio::join!(hanging, other);

    assert!(matches!(hanging, Resolved::Failed(_)));
    assert!(is_union(&other, 1));
}

#[tokio::test(start_paused = true)]
async fn an_account_without_open_platform_gives_nothing_and_that_is_remembered() {
    let bench = bench();
    bench.wechat.knows(&person(0), true, None);

    assert!(matches!(bench.resolve(0).await, Resolved::Unbound));

    assert_eq!(bench.recall(0).await, Some(Known::default()));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_lags_behind_the_follow_is_asked_for_again() {
    let bench = bench();
    bench.wechat.knows(&person(0), false, None);
    let follows = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        bench.followers(0..1);
    };

    let (resolved, ()) = tokio::join!(bench.resolve(0), follows);

    assert!(is_union(&resolved, 0));
    assert_eq!(bench.wechat.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_person_who_does_not_follow_is_asked_about_twice_and_not_remembered() {
    let bench = bench();
    bench.wechat.knows(&person(0), false, None);

    assert!(matches!(bench.resolve(0).await, Resolved::NotSubscribed(None)));

    assert_eq!(bench.wechat.asked().len(), 2);
    assert!(bench.recall(0).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_person_who_does_not_follow_may_have_a_union_id() {
    let bench = bench();
    bench.wechat.knows(&person(0), false, Some(&union(0)));

    let resolved = bench.resolve(0).await;

    assert!(matches!(resolved, Resolved::NotSubscribed(Some(_))), "{resolved:?}");
    assert_eq!(resolved.union_id().unwrap().as_str(), union(0));
    assert_eq!(bench.wechat.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_foreign_open_id_spoils_the_answer_of_nobody_else() {
    let bench = bench();
    bench.followers(0..60);

    let all = join_all((0..61).map(|n| bench.resolve(n))).await;

    assert!(all[..60].iter().enumerate().all(|(n, resolved)| is_union(resolved, n)));
    assert!(matches!(&all[60], Resolved::Failed(PlatformError::Refused { code: 40003, .. })));
    assert!(bench.wechat.asked().len() <= 13, "{}", bench.wechat.asked().len());
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_to_all_and_remembered_for_none() {
    let bench = bench();
    bench.followers(0..2);
    bench.wechat.fails_next(PlatformError::Transient("busy".into()));

    let (one, other) = tokio::join!(bench.resolve(0), bench.resolve(1));

    assert!(matches!(one, Resolved::Failed(PlatformError::Transient(_))));
    assert!(matches!(other, Resolved::Failed(PlatformError::Transient(_))));
    assert!(bench.recall(0).await.is_none());
    assert!(is_union(&bench.resolve(0).await, 0));
}

#[tokio::test(start_paused = true)]
async fn a_mini_program_is_not_asked() {
    let bench = bench();
    let account = account(AccountKind::MiniProgram);

    let resolved = bench.resolver.resolve(&account, &person(0), BUDGET).await;

    assert!(matches!(resolved, Resolved::Unbound));
    assert!(bench.wechat.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_read_is_nothing_and_is_removed() {
    let bench = bench();
    for corrupt in ["", "{", "null", "{\"v\":2}", "{\"v\":1,\"union_id\":\"\u{7f}\"}", "\u{0}\u{1}"] {
        let key = format!("who:{}:{}", bench.account.app_id, person(0).as_str());
        let value = Bytes::copy_from_slice(corrupt.as_bytes());
        bench.sessions.keep(&key, value, Duration::from_secs(60)).await.unwrap();

        assert_eq!(bench.recall(0).await, None, "{corrupt:?}");
        assert_eq!(bench.sessions.fetch(&key).await.unwrap(), None, "{corrupt:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_can_be_forgotten() {
    let bench = bench();
    let known = Known { union_id: None, lang: Some(Lang::En) };
    bench.resolver.remember(&bench.account.app_id, &person(0), &known).await;
    assert_eq!(bench.recall(0).await, Some(known));

    bench.resolver.forget(&bench.account.app_id, &person(0)).await;

    assert_eq!(bench.recall(0).await, None);
}

#[test]
fn a_worker_that_stops_in_the_middle_leaves_a_desk_that_works() {
    let bench = bench();
    bench.followers(0..2);
    bench.wechat.takes(Duration::from_secs(3_600));
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let stopping = runtime();
    stopping.block_on(bench.resolve_within(0, Duration::from_millis(20)));
    drop(stopping);
    bench.wechat.takes(Duration::ZERO);

    let resolved = runtime().block_on(bench.resolve(1));

    assert!(is_union(&resolved, 1), "{resolved:?}");
}
