//! Users and their API keys, with what proves them.

use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::report::Place;
use crate::cli::import::mapping::site::{Arrival, Refusal, id};
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::users as rows;
use regent_core::id::{ApiTokenId, UserId};
use regent_core::model::api_token::{ApiToken, CONSUMER_SECRET, TOKEN_SECRET};
use regent_core::model::secret::{Secret, SecretKey};
use regent_core::model::user::{PASSWORD_SECRET, User};
use regent_core::object::{Kind, ObjectRef};
use regent_core::time::WallTime;
use std::collections::{BTreeMap, BTreeSet};

/// Piston's number of a token that opens something.
const ACCESS: i64 = 2;

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>) {
    users(mapper);
    tokens(mapper);
}

fn users(mapper: &mut Mapper<'_>) {
    let tables = &mapper.dump.tables;
    let local: BTreeMap<_, _> =
        tables.user_profiles.iter().map(|row| (row.user_id, row.is_local)).collect();
    let mut names = BTreeSet::new();
    for row in &tables.users {
        let place = Place { table: rows::User::TABLE, key: &row.id };
        let username = mapper.name(place, "username", &row.username);
        if !names.insert(username.clone()) {
            mapper.report.skip(place, "another user has the name");
            continue;
        }
        let full_name = format!("{} {}", row.first_name, row.last_name);
        let user = User {
            username,
            last_name: mapper.text(place, "last_name", full_name.trim()),
            email: mapper.text(place, "email", row.email.as_deref().unwrap_or_default()),
            is_superuser: row.is_superuser,
            is_active: row.is_active,
            is_local: local.get(&row.id).copied().unwrap_or(true),
        };
        let dates = (row.date_joined, row.date_joined);
        mapper.insert(|site| &mut site.users, place, row.id.0, dates, user);
        if let Some(user) = id::<UserId>(row.id.0) {
            let owner = ObjectRef::numbered(Kind::User, user);
            keep(mapper, owner, PASSWORD_SECRET, row.password.0.clone());
        }
    }
}

fn tokens(mapper: &mut Mapper<'_>) {
    let tables = &mapper.dump.tables;
    let consumers: BTreeMap<_, _> = tables.consumers.iter().map(|row| (row.id, row)).collect();
    let mut keys = BTreeSet::new();
    for row in &tables.tokens {
        let place = Place { table: rows::Token::TABLE, key: &row.id };
        let Some(consumer) = consumers.get(&row.consumer_id) else {
            mapper.report.skip(place, "its consumer is not there");
            continue;
        };
        let Some(user) = row.user_id.or(consumer.user_id) else {
            mapper.report.skip(place, "it is nobody's");
            continue;
        };
        let Some(user) = mapper.site.users.require(&mut mapper.report, place, "user", user.0)
        else {
            continue;
        };
        if row.token_type != ACCESS || !row.is_approved {
            mapper.report.skip(place, "it opens nothing: no access token, or not approved");
            continue;
        }
        if !keys.insert(&row.key.0) {
            mapper.report.skip(place, "another token has the key");
            continue;
        }
        let token = ApiToken {
            user,
            name: mapper.name(place, "name", &consumer.name),
            consumer_key: consumer.key.0.clone(),
            token_key: row.key.0.clone(),
        };
        mapper.insert(|site| &mut site.api_tokens, place, row.id.0, UNDATED, token);
        let Some(token) = id::<ApiTokenId>(row.id.0) else { continue };
        let owner = ObjectRef::numbered(Kind::ApiToken, token);
        keep(mapper, owner.clone(), TOKEN_SECRET, row.secret.0.clone());
        if !consumer.secret.0.is_empty() {
            keep(mapper, owner, CONSUMER_SECRET, consumer.secret.0.clone());
        }
    }
}

/// Rows of which MAAS keeps no dates.
pub(in crate::cli::import::mapping) const UNDATED: (WallTime, WallTime) =
    (WallTime(0), WallTime(0));

/// Keeps a secret of an object, unless it has one of that name.
pub(in crate::cli::import::mapping) fn keep(
    mapper: &mut Mapper<'_>,
    owner: ObjectRef,
    name: &str,
    text: String,
) {
    let (key, arrival) = secret(owner.clone(), name, text);
    if let Err(refusal @ Refusal::TooLarge { .. }) = mapper.site.secrets.insert(key, arrival) {
        leave_out(mapper, &owner, name, refusal);
    }
}

/// Tells of a secret that does not come in, by what it is the secret of.
pub(in crate::cli::import::mapping) fn leave_out(
    mapper: &mut Mapper<'_>,
    owner: &ObjectRef,
    name: &str,
    refusal: Refusal,
) {
    mapper.report.skip(Place { table: "(secrets)", key: owner }, format!("{name}: {refusal}"));
}

/// A secret of an object.
pub(in crate::cli::import::mapping) fn secret(
    owner: ObjectRef,
    name: &str,
    text: String,
) -> (SecretKey, Arrival<Secret>) {
    let (created, updated) = UNDATED;
    let key = SecretKey { owner, name: name.to_owned() };
    (key, Arrival { created, updated, value: Secret::new(text) })
}
