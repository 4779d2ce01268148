//! A WeChat in this process, for the tests of what stands on [`Platform`]: it knows who follows, and remembers what it
//! was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use super::{Platform, PlatformError, UserInfo, errcode};
use crate::account::Account;
use crate::ids::{OpenId, UnionId};
use crate::ledger::Message;

/// A WeChat that answers from memory, after a time, unless it has been told to fail.
#[derive(Debug, Default)]
pub(crate) struct FakeWeChat(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    people: HashMap<OpenId, UserInfo>,
    takes: Duration,
    failures: VecDeque<PlatformError>,
    asked: Vec<Vec<OpenId>>,
}

impl FakeWeChat {
    pub(crate) fn knows(&self, open_id: &OpenId, subscribed: bool, union_id: Option<&str>) {
        let union_id = union_id.map(|text| UnionId::parse(text).unwrap());
        self.state().people.insert(open_id.clone(), UserInfo { subscribed, union_id });
    }

    /// Every answer takes this long.
    pub(crate) fn takes(&self, time: Duration) {
        self.state().takes = time;
    }

    /// The next question that has no failure before it in the line fails so.
    pub(crate) fn fails_next(&self, error: PlatformError) {
        self.state().failures.push_back(error);
    }

    /// The questions so far, each with the OpenIDs it named.
    pub(crate) fn asked(&self) -> Vec<Vec<OpenId>> {
        self.state().asked.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

#[async_trait]
impl Platform for FakeWeChat {
    async fn user_info(&self, _: &Account, open_ids: &[OpenId]) -> Result<Vec<UserInfo>, PlatformError> {
        assert!((1..=100).contains(&open_ids.len()), "{} OpenIDs in one question", open_ids.len());
        let takes = {
            let mut state = self.state();
            state.asked.push(open_ids.to_vec());
            state.takes
        };
        tokio::time::sleep(takes).await;
        let mut state = self.state();
        if let Some(failure) = state.failures.pop_front() {
            return Err(failure);
        }
        let people = open_ids.iter().map(|id| state.people.get(id).cloned());
        people
            .collect::<Option<_>>()
            .ok_or(PlatformError::Refused { code: 40003, hint: errcode::hint(40003) })
    }

    async fn send(&self, _: &Account, _: &OpenId, _: &Message) -> Result<(), PlatformError> {
        Err(PlatformError::Transient("this WeChat delivers nothing".into()))
    }

    async fn token_life(&self, _: &Account) -> Result<i64, PlatformError> {
        Ok(7_200_000)
    }
}
