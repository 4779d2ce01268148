//! Event `PUBLISHJOBFINISH`, written `FREEPUBLISHJOBFINISH` in places.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::limits::MAX_NODES;
use crate::event::value::wire;

wire! {
    /// What became of an article that was published without a mass send.
    pub struct Published {
        /// What was published.
        job: Job = "PublishEventInfo";
    }

    /// One publication.
    pub struct Job {
        /// `publish_id` that the call answered.
        publish_id: SmolStr = "publish_id";
        /// 0 published, 1 under way, 2 originality refused, 3 failed, 4 refused, 5 deleted by its author, 6 blocked.
        status: Option<i64> = "publish_status";
        /// Id of the article.
        article_id: Option<SmolStr> = "article_id";
        /// Its pages.
        detail: Detail = "article_detail";
        /// Articles that were refused, from 1.
        failed: Vec<u64> = "fail_idx";
    }

    /// The pages of a publication.
    pub struct Detail {
        /// How many.
        count: Option<u64> = "count";
        /// Each of them.
        pages: Vec<Page> = "item";
    }

    /// One page.
    pub struct Page {
        /// Which article, from 1.
        article: Option<u64> = "idx";
        /// Where it is.
        url: Option<SmolStr> = "article_url";
    }
}

impl Effect for Published {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.job.publish_id);
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
