//! Event `subscribe`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::error::ParseError;
use crate::event::fields::Fields;
use crate::event::value::Wire;
use crate::ledger::{Action, Facts};

/// The person follows the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscribe {
    /// What led here.
    pub source: SubscribeSource,
}

/// What an `EventKey` says about where a follower comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubscribeSource {
    /// Search, a card, an article, the account's own QR code: WeChat sends an empty `EventKey`.
    Direct,
    /// A parametric QR code.
    Scene {
        /// Its value, without the one `qrscene_` that WeChat puts in front.
        scene: SmolStr,
        /// Its ticket.
        ticket: Option<SmolStr>,
    },
    /// "Follow" on the page after a payment.
    Payment {
        /// WeChat Pay's transaction id, 28 digits.
        transaction_id: SmolStr,
    },
    /// A product page, reached by scanning a bar code.
    Barcode {
        /// What was scanned.
        code: SmolStr,
    },
    /// A product page, reached by scanning a picture.
    Picture {
        /// What was scanned.
        code: SmolStr,
    },
    /// Anything else, as it came.
    Other {
        /// `EventKey`.
        key: SmolStr,
    },
}

impl SubscribeSource {
    /// Reads an `EventKey`. A scene may itself contain `qrscene_`: one is stripped, from the front.
    fn read(key: &str, ticket: &str) -> Self {
        let behind = |prefix: &str| key.strip_prefix(prefix).map(SmolStr::from);
        if let Some(scene) = behind("qrscene_").filter(|scene| !scene.is_empty()) {
            return Self::Scene { scene, ticket: (!ticket.is_empty()).then(|| ticket.into()) };
        }
        if let Some(transaction_id) = behind("last_trade_no_") {
            return Self::Payment { transaction_id };
        }
        if let Some(code) = behind("scanbarcode|") {
            return Self::Barcode { code };
        }
        if let Some(code) = behind("scanimage|") {
            return Self::Picture { code };
        }
        match key {
            "" | "qrscene_" => Self::Direct,
            key => Self::Other { key: key.into() },
        }
    }
}

impl Wire for Subscribe {
    fn from_fields(fields: Fields<'_>) -> Result<Self, ParseError> {
        let (key, ticket) = (fields.text(&["EventKey"])?, fields.text(&["Ticket"])?);
        Ok(Self { source: SubscribeSource::read(key, ticket) })
    }
}

impl Effect for Subscribe {
    fn facts(&self, facts: &mut Facts) {
        let (source, scene, reference) = match &self.source {
            SubscribeSource::Direct | SubscribeSource::Other { .. } => return,
            SubscribeSource::Scene { scene, .. } => ("qr", Some(scene), None),
            SubscribeSource::Payment { transaction_id } => ("payment", None, Some(transaction_id)),
            SubscribeSource::Barcode { .. } => ("barcode", None, None),
            SubscribeSource::Picture { .. } => ("picture", None, None),
        };
        facts.source = Some(source.into());
        facts.scene = scene.cloned();
        facts.reference = reference.cloned();
    }

    fn action(&self) -> Action {
        Action::Follow
    }

    fn expects_reply(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_qrscene_is_stripped_and_only_from_the_front() {
        let scene = |key| match SubscribeSource::read(key, "gQ") {
            SubscribeSource::Scene { scene, .. } => scene,
            other => panic!("{key} is {other:?}"),
        };

        assert_eq!(&*scene("qrscene_qrscene_a"), "qrscene_a");
        assert_eq!(&*scene("qrscene_a_qrscene_b"), "a_qrscene_b");
        assert_eq!(&*scene("qrscene_4294967295"), "4294967295");
    }

    #[test]
    fn what_is_no_scene_is_not_taken_for_one() {
        let source = |key| SubscribeSource::read(key, "");

        assert_eq!(source(""), SubscribeSource::Direct);
        assert_eq!(source("qrscene_"), SubscribeSource::Direct);
        assert_eq!(
            source("last_trade_no_4200002750202510091234567890"),
            SubscribeSource::Payment { transaction_id: "4200002750202510091234567890".into() }
        );
        assert_eq!(source("scanbarcode|EAN13|69"), SubscribeSource::Barcode { code: "EAN13|69".into() });
        assert_eq!(source("scanimage|x"), SubscribeSource::Picture { code: "x".into() });
        assert_eq!(source("QRSCENE_1"), SubscribeSource::Other { key: "QRSCENE_1".into() });
    }
}
