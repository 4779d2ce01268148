//! Event `MASSSENDJOBFINISH`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::limits::MAX_NODES;
use crate::event::value::wire;

wire! {
    /// What became of a message to all followers or to a tag.
    pub struct MassSent {
        /// `msg_id` that the send call answered.
        msg_id: SmolStr = "MsgID" | "MsgId";
        /// `send success`, `send fail`, or `err(N)` where a review refused it.
        status: SmolStr = "Status";
        /// Followers addressed.
        total: Option<u64> = "TotalCount";
        /// Left after WeChat's filters: sent and failed together.
        filtered: Option<u64> = "FilterCount";
        /// Sent.
        sent: Option<u64> = "SentCount";
        /// Failed.
        failed: Option<u64> = "ErrorCount";
        /// Verdict on the originality of its articles.
        copyright: Copyright = "CopyrightCheckResult";
        /// Where its articles are.
        articles: Articles = "ArticleUrlResult";
    }

    /// The originality check of a mass send.
    pub struct Copyright {
        /// Articles judged.
        count: Option<u64> = "Count";
        /// 1 nothing found, 2 and 3 reprints, 4 refused.
        state: Option<i64> = "CheckState";
        /// Each verdict.
        verdicts: Vec<Verdict> = "ResultList";
    }

    /// The originality of one article.
    pub struct Verdict {
        /// Which article, from 1.
        article: Option<u64> = "ArticleIdx";
        /// What its author declared.
        declared: Option<i64> = "UserDeclareState";
        /// What the review found.
        audited: Option<i64> = "AuditState";
        /// The article that it resembles.
        original_url: Option<SmolStr> = "OriginalArticleUrl";
        /// Kind of that article.
        original_type: Option<i64> = "OriginalArticleType";
        /// Whether it may be reprinted.
        can_reprint: Option<bool> = "CanReprint";
        /// Whether its text must be replaced by the original's.
        must_replace: Option<bool> = "NeedReplaceContent";
        /// Whether its source must be shown.
        must_name_source: Option<bool> = "NeedShowReprintSource";
    }

    /// The pages of a mass send's articles.
    pub struct Articles {
        /// How many.
        count: Option<u64> = "Count";
        /// Each of them.
        list: Vec<Article> = "ResultList";
    }

    /// The page of one article.
    pub struct Article {
        /// Which article, from 1.
        article: Option<u64> = "ArticleIdx";
        /// Its page.
        url: Option<SmolStr> = "ArticleUrl";
    }
}

impl Effect for MassSent {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.msg_id);
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
