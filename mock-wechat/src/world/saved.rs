//! Forms in which parts of the world are saved as JSON: maps in an order that does not change from run to run, keys that
//! are more than one text as lists of pairs, and only what cannot be derived from the rest.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error, ser::SerializeSeq};

use super::{Registered, account::Account, person::Person};
use crate::ids::{OpenIds, PersonKey};

/// A map by text, in the order of its keys.
pub(super) fn sorted<V: Serialize, S: Serializer>(
    map: &HashMap<String, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    map.iter().collect::<BTreeMap<_, _>>().serialize(serializer)
}

/// Whether a value is what it is when nothing is said of it: such values are left out.
pub(super) fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A map by something that is no text: a list of `[key, value]`, in the order of the keys.
pub(super) mod pairs {
    use super::*;

    pub(in crate::world) fn serialize<K: Serialize + Ord, V: Serialize, S: Serializer>(
        map: &HashMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut pairs: Vec<(&K, &V)> = map.iter().collect();
        pairs.sort_unstable_by_key(|(key, _)| *key);
        serializer.collect_seq(pairs)
    }

    pub(in crate::world) fn deserialize<
        'de,
        K: Deserialize<'de> + Hash + Eq,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    >(
        deserializer: D,
    ) -> Result<HashMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// Accounts as configured; what follows from that is derived again, and checked.
pub(super) mod accounts {
    use super::*;

    type Accounts = BTreeMap<String, Arc<Registered>>;

    pub(in crate::world) fn serialize<S: Serializer>(
        accounts: &Accounts,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(accounts.values().map(|registered| &registered.account))
    }

    pub(in crate::world) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Accounts, D::Error> {
        let accounts = Vec::<Account>::deserialize(deserializer)?;
        let registered = accounts.into_iter().map(|account| {
            let aes_key = account
                .check()
                .map_err(|error| D::Error::custom(format!("account {}: {error}", account.name)))?;
            let open_ids = OpenIds::of(&account.app_id);
            Ok((account.app_id.clone(), Arc::new(Registered { account, open_ids, aes_key })))
        });
        registered.collect()
    }
}

/// People by their names, from which their keys follow.
pub(super) mod people {
    use super::*;

    pub(in crate::world) fn serialize<S: Serializer>(
        people: &HashMap<PersonKey, Person>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut sorted: Vec<&Person> = people.values().collect();
        sorted.sort_unstable_by_key(|person| &person.name);
        let mut list = serializer.serialize_seq(Some(sorted.len()))?;
        for person in sorted {
            list.serialize_element(person)?;
        }
        list.end()
    }

    pub(in crate::world) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HashMap<PersonKey, Person>, D::Error> {
        let people = Vec::<Person>::deserialize(deserializer)?;
        Ok(people.into_iter().map(Person::named_again).collect())
    }
}

/// A file's content in base64.
pub(super) mod base64 {
    use ::base64::{Engine, engine::general_purpose::STANDARD};
    use bytes::Bytes;

    use super::*;

    pub(in crate::world) fn serialize<S: Serializer>(
        bytes: &Bytes,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(in crate::world) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Bytes::from).map_err(D::Error::custom)
    }
}
