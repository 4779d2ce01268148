//! Payments that people made, and what of them was given back.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids::{self, PersonKey};

/// One payment.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    app_id: String,
    pub(crate) person: PersonKey,
    pub(crate) out_trade_no: String,
    /// 28 digits from 4200.
    pub(crate) transaction_id: String,
    /// In fen.
    pub(crate) total: u64,
    /// Unix seconds.
    pub(crate) paid_at: i64,
    refunds: u32,
    /// What is left of it after refunds, in fen.
    left: u64,
}

/// A part of a payment that was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refunded {
    pub(crate) fen: u64,
    /// Of the payment.
    pub(crate) total: u64,
    pub(crate) transaction_id: String,
    /// 29 digits from 5030.
    pub(crate) refund_id: String,
    /// Counts the refunds of the payment from 1.
    pub(crate) number: u32,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Payments(#[serde(with = "saved::pairs")] HashMap<(String, String), Payment>);

impl Payment {
    pub(crate) fn new(app_id: &str, person: PersonKey, out_trade_no: &str, fen: u64, now: i64) -> Self {
        let digest = ids::digest(&["transaction", app_id, out_trade_no]);
        let serial = u64::from_be_bytes([
            digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
        ]);
        Self {
            app_id: app_id.to_owned(),
            person,
            out_trade_no: out_trade_no.to_owned(),
            transaction_id: format!(
                "4200{:010}{:014}",
                now.rem_euclid(10_000_000_000),
                serial % 100_000_000_000_000
            ),
            total: fen,
            paid_at: now,
            refunds: 0,
            left: fen,
        }
    }
}

impl Payments {
    /// `false` when the order is paid already.
    pub(crate) fn add(&mut self, payment: Payment) -> bool {
        let key = (payment.app_id.clone(), payment.out_trade_no.clone());
        if self.0.contains_key(&key) {
            return false;
        }
        self.0.insert(key, payment).is_none()
    }

    /// Gives back some fen, or all that is left; how many, or why not.
    pub(crate) fn refund(
        &mut self,
        app_id: &str,
        person: PersonKey,
        out_trade_no: &str,
        fen: Option<u64>,
    ) -> Result<Refunded, String> {
        let payment = self.0.get_mut(&(app_id.to_owned(), out_trade_no.to_owned()));
        let payment = payment
            .filter(|payment| payment.person == person)
            .ok_or_else(|| format!("this person paid no order {out_trade_no:?} to this account"))?;
        let fen = fen.unwrap_or(payment.left);
        if fen == 0 || fen > payment.left {
            return Err(format!("{fen} fen cannot be given back: {} of the payment are left", payment.left));
        }
        payment.left -= fen;
        payment.refunds += 1;
        let digits = &payment.transaction_id[payment.transaction_id.len() - 22..];
        Ok(Refunded {
            fen,
            total: payment.total,
            transaction_id: payment.transaction_id.clone(),
            refund_id: format!("5030{digits}{:03}", payment.refunds),
            number: payment.refunds,
        })
    }

    /// By the merchant's number.
    pub(crate) fn find(&self, app_id: &str, out_trade_no: &str) -> Option<&Payment> {
        self.0.get(&(app_id.to_owned(), out_trade_no.to_owned()))
    }

    /// By WeChat Pay's number.
    pub(crate) fn by_transaction(&self, app_id: &str, transaction_id: &str) -> Option<&Payment> {
        self.0.values().find(|payment| payment.app_id == app_id && payment.transaction_id == transaction_id)
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.0.retain(|(of, _), _| of != app_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_given_back_than_was_paid() {
        let mut payments = Payments::default();
        let lin = PersonKey::of("lin");
        let payment = Payment::new("wx1", lin, "order-1", 100, 1_760_000_000);
        assert_eq!((payment.transaction_id.len(), &payment.transaction_id[..4]), (28, "4200"));
        assert!(payments.add(payment));
        assert!(!payments.add(Payment::new("wx1", lin, "order-1", 100, 1_760_000_000)));

        let refunded = payments.refund("wx1", lin, "order-1", Some(30)).unwrap();
        assert_eq!(
            (refunded.fen, refunded.total, refunded.number, refunded.refund_id.len()),
            (30, 100, 1, 29)
        );
        assert!(payments.refund("wx1", lin, "order-1", Some(71)).unwrap_err().contains("70"));
        assert_eq!(payments.refund("wx1", lin, "order-1", None).map(|refunded| refunded.fen), Ok(70));
        assert!(payments.refund("wx1", PersonKey::of("mei"), "order-1", None).is_err());
    }
}
