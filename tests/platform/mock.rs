//! The gateway's side of WeChat against mock-wechat, which knows what the real one does.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use mock_wechat::MockWechat;
use mock_wechat::testkit;
use wechat_gateway::account::{Account, AccountKind};
use wechat_gateway::clock::{SystemClock, SystemEntropy};
use wechat_gateway::identity::{Resolved, Resolver};
use wechat_gateway::ids::{AppId, OpenId};
use wechat_gateway::ledger::Message;
use wechat_gateway::platform::{Platform as _, PlatformError, Settings, WeChat};
use wechat_gateway::session::Memory;

use crate::world;

const BUDGET: Duration = Duration::from_secs(10);
const STABLE_TOKEN: &str = "/cgi-bin/stable_token";

struct Town {
    mock: MockWechat,
    brand: testkit::Account,
    wechat: Arc<WeChat>,
    account: Arc<Account>,
}

impl Town {
    async fn new() -> Self {
        let mock = MockWechat::start().await;
        let brand = mock.official_account("brand").without_callback().await;
        let wechat = gateway(&mock);
        let account = Arc::new(account(&brand, AccountKind::OfficialAccount));
        Self { mock, brand, wechat, account }
    }

    async fn follower(&self, name: &str) -> OpenId {
        let person = self.mock.person(name);
        person.follows(&self.brand).await;
        OpenId::parse(&person.open_id(&self.brand)).unwrap()
    }

    fn resolver(&self) -> Resolver {
        let sessions = Arc::new(Memory::new(Arc::new(SystemClock)));
        Resolver::new(sessions, self.wechat.clone(), Default::default())
    }

    async fn send(&self, to: &OpenId) -> Result<(), PlatformError> {
        let message = Message::Text { content: "你有 10,000 积分".into() };
        self.wechat.send(&self.account, to, &message).await
    }

    fn token_calls(&self) -> usize {
        self.mock.calls_to(STABLE_TOKEN).len()
    }
}

fn gateway(mock: &MockWechat) -> Arc<WeChat> {
    let clock = Arc::new(SystemClock);
    let sessions = Arc::new(Memory::new(clock.clone()));
    Arc::new(WeChat::new(&Settings::at(&mock.url()), sessions, clock, Arc::new(SystemEntropy)).unwrap())
}

fn account(account: &testkit::Account, kind: AccountKind) -> Account {
    Account {
        app_id: AppId::parse(account.app_id()).unwrap(),
        secret: account.secret().into(),
        kind,
        ..world::account()
    }
}

fn code(answer: Result<(), PlatformError>) -> i64 {
    match answer {
        Err(PlatformError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tokens_that_die_in_the_middle_of_a_burst_are_replaced_once_each_time() {
    let town = Town::new().await;
    let lin = town.follower("lin").await;
    for kill in [MockWechat::supersede_tokens, MockWechat::expire_tokens] {
        let before = town.token_calls();
        town.wechat.user_info(&town.account, std::slice::from_ref(&lin)).await.unwrap();
        let answers = stream::iter(0..1_000).map(|n| {
            if n == 500 {
                kill(&town.mock, "brand");
            }
            let (town, lin) = (&town, lin.clone());
            async move { town.wechat.user_info(&town.account, &[lin]).await }
        });

        let answers: Vec<_> = answers.buffer_unordered(200).collect().await;

        assert!(answers.iter().all(Result::is_ok), "{:?}", answers.iter().find(|answer| answer.is_err()));
        let first = usize::from(before == 0);
        assert_eq!(town.token_calls() - before, first + 1);
    }
}

#[tokio::test]
async fn three_hundred_followers_are_found_with_a_few_calls() {
    let town = Town::new().await;
    let mut people = Vec::new();
    for n in 0..300 {
        people.push(town.follower(&format!("person-{n}")).await);
    }
    let resolver = town.resolver();

    let found = join_all(people.iter().map(|open_id| resolver.resolve(&town.account, open_id, BUDGET))).await;

    for (n, resolved) in found.iter().enumerate() {
        let union_id = town.mock.person(&format!("person-{n}")).union_id("brand-group");
        assert!(matches!(resolved, Resolved::Union(id) if id.as_str() == union_id), "{n}: {resolved:?}");
    }
    assert_eq!(town.mock.calls_to("/cgi-bin/user/info/batchget").len(), 3);
    assert!(town.mock.calls_to("/cgi-bin/user/info").is_empty());
}

#[tokio::test]
async fn a_person_of_another_account_spoils_nobodys_answer() {
    let town = Town::new().await;
    let other = town.mock.official_account("other").without_callback().await;
    let stranger = OpenId::parse(&town.mock.person("stranger").open_id(&other)).unwrap();
    let people = [town.follower("lin").await, stranger, town.follower("wang").await];
    let resolver = town.resolver();

    let found = join_all(people.iter().map(|open_id| resolver.resolve(&town.account, open_id, BUDGET))).await;

    assert!(matches!(found[0], Resolved::Union(_)), "{found:?}");
    assert!(matches!(found[1], Resolved::Failed(PlatformError::Refused { code: 40003, .. })), "{found:?}");
    assert!(matches!(found[2], Resolved::Union(_)), "{found:?}");
}

#[tokio::test]
async fn a_person_who_left_may_still_be_known_by_their_union_id() {
    let town = Town::new().await;
    let lin = town.follower("lin").await;
    town.mock.person("lin").unfollows(&town.brand).await;

    let resolved = town.resolver().resolve(&town.account, &lin, BUDGET).await;

    let union_id = town.mock.person("lin").union_id("brand-group");
    assert!(
        matches!(&resolved, Resolved::NotSubscribed(Some(id)) if id.as_str() == union_id),
        "{resolved:?}"
    );
}

#[tokio::test]
async fn an_account_that_is_not_bound_gives_no_union_ids() {
    let town = Town::new().await;
    town.brand.change().unbound().await;
    let lin = town.follower("lin").await;

    let resolved = town.resolver().resolve(&town.account, &lin, BUDGET).await;

    assert!(matches!(resolved, Resolved::Unbound), "{resolved:?}");
}

#[tokio::test]
async fn a_mini_program_may_not_ask_who_somebody_is() {
    let town = Town::new().await;
    let shop = town.mock.mini_program("shop").await;
    let lin = OpenId::parse(&town.mock.person("lin").open_id(&shop)).unwrap();

    let asked = town.wechat.user_info(&account(&shop, AccountKind::MiniProgram), &[lin]).await;

    assert_eq!(code(asked.map(|_| ())), 48001);
}

#[tokio::test]
async fn a_wrong_secret_says_so() {
    let town = Town::new().await;
    let wrong =
        Account { secret: world::SECRET.into(), ..account(&town.brand, AccountKind::OfficialAccount) };

    let life = town.wechat.token_life(&wrong).await;

    let Err(PlatformError::Refused { code: 40125, hint }) = life else { panic!("{life:?}") };
    assert!(hint.contains("AppSecret"), "{hint}");
}

#[tokio::test]
async fn a_message_reaches_a_new_follower_within_a_minute_and_three_times_at_most() {
    let town = Town::new().await;
    let lin = town.follower("lin").await;

    for _ in 0..3 {
        town.send(&lin).await.unwrap();
    }
    assert_eq!(code(town.send(&lin).await), 45047);
    let wang = town.follower("wang").await;
    town.mock.advance(Duration::from_secs(61));
    assert_eq!(code(town.send(&wang).await), 45015);

    let chat = town.mock.person("lin").chat(&town.brand);
    assert_eq!(chat.texts().iter().filter(|text| text.contains("你有 10,000 积分")).count(), 3);
}
