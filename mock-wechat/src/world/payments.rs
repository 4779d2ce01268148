//! Payments that people made, and what of them was given back.

use std::collections::HashMap;

use crate::ids::{self, PersonKey};

/// One payment.
#[derive(Debug)]
pub(crate) struct Payment {
    app_id: String,
    person: PersonKey,
    out_trade_no: String,
    /// 28 digits from 4200.
    pub(crate) transaction_id: String,
    /// What is left of it after refunds, in fen.
    left: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Payments(HashMap<(String, String), Payment>);

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
    ) -> Result<u64, String> {
        let payment = self.0.get_mut(&(app_id.to_owned(), out_trade_no.to_owned()));
        let payment = payment
            .filter(|payment| payment.person == person)
            .ok_or_else(|| format!("this person paid no order {out_trade_no:?} to this account"))?;
        let fen = fen.unwrap_or(payment.left);
        if fen == 0 || fen > payment.left {
            return Err(format!("{fen} fen cannot be given back: {} of the payment are left", payment.left));
        }
        payment.left -= fen;
        Ok(fen)
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

        assert_eq!(payments.refund("wx1", lin, "order-1", Some(30)), Ok(30));
        assert!(payments.refund("wx1", lin, "order-1", Some(71)).unwrap_err().contains("70"));
        assert_eq!(payments.refund("wx1", lin, "order-1", None), Ok(70));
        assert!(payments.refund("wx1", PersonKey::of("mei"), "order-1", None).is_err());
    }
}
