//! What is let through to PostgreSQL, and what is said of what is not.

use std::sync::Arc;

use wechat_gateway::store::{OpenError, Store, migrate, open};

use super::authority::Authority;
use super::postgres_server::{PASSWORD, PostgresServer};
use crate::store::database::deps;
use crate::store::{settle, touch};

async fn opened(url: &str) -> Result<Arc<dyn Store>, OpenError> {
    migrate(url).await?;
    open(url, deps()).await
}

/// Why `url` cannot be used.
async fn refusal(url: &str) -> String {
    let Err(refusal) = opened(url).await else { panic!("{url} is let through") };
    let refusal = refusal.to_string();
    assert!(!refusal.contains(PASSWORD), "{refusal}");
    refusal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_good_certificate_every_mode_speaks_tls() {
    let (authority, server) = (Authority::new(), PostgresServer::start());
    server.shows(&authority.certifies(&["localhost", "127.0.0.1"]));

    for (mode, host) in [
        ("verify-full", "localhost"),
        ("verify-full", "127.0.0.1"),
        ("verify-ca", "localhost"),
        ("require", "localhost"),
        ("prefer", "localhost"),
        ("verify-full&channel_binding=require", "localhost"),
    ] {
        let name = mode.split('&').next().unwrap();
        let query = format!("application_name={name}&{}&sslmode={mode}", authority.as_parameter());
        let store = opened(&server.url(host, &query)).await.expect(mode);
        assert!(settle(&*store, touch("oLin0001", &format!("{mode} {host}"))).await.fresh);

        let (all, secure) = server.connections(name).await;

        assert!(all >= 2, "{mode}: {all}");
        assert_eq!(all, secure, "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_word_of_it_tls_is_not_spoken_even_where_it_is_offered() {
    let (authority, server) = (Authority::new(), PostgresServer::start());
    server.shows(&authority.certifies(&["localhost"]));

    for (name, query) in [("none", ""), ("disable", "&sslmode=disable")] {
        let url = server.url("localhost", &format!("application_name={name}{query}"));
        let store = opened(&url).await.unwrap();
        settle(&*store, touch("oLin0001", name)).await;

        let (all, secure) = server.connections(name).await;

        assert!(all >= 2, "{name}: {all}");
        assert_eq!(secure, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_nobody_trusted_has_signed_is_refused_in_every_mode() {
    let (authority, other, server) = (Authority::new(), Authority::new(), PostgresServer::start());
    server.shows(&other.certifies(&["localhost"]));

    for mode in ["verify-full", "verify-ca", "require", "prefer"] {
        let refusal =
            refusal(&server.url("localhost", &format!("sslmode={mode}&{}", authority.as_parameter()))).await;

        assert!(refusal.contains(&format!("localhost:{}/postgres", server.port)), "{refusal}");
        assert!(refusal.contains("UnknownIssuer") && refusal.contains("sslrootcert=FILE"), "{refusal}");
        let remark = format!("sslmode={mode} verifies");
        assert_eq!(refusal.contains(&remark), ["require", "prefer"].contains(&mode), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_in_another_name_is_refused_but_by_verify_ca() {
    let (authority, other, server) = (Authority::new(), Authority::new(), PostgresServer::start());
    server.shows(&authority.certifies(&["db.example"]));

    for mode in ["verify-full", "require", "prefer"] {
        let refusal =
            refusal(&server.url("localhost", &format!("sslmode={mode}&{}", authority.as_parameter()))).await;

        for said in ["not valid for name \"localhost\"", "db.example", "connect by a name"] {
            assert!(refusal.contains(said), "{refusal}");
        }
    }
    let url = server.url("localhost", &format!("sslmode=verify-ca&{}", authority.as_parameter()));
    opened(&url).await.unwrap();
    let refusal = refusal(&url.replace(&authority.as_parameter(), &other.as_parameter())).await;
    assert!(refusal.contains("UnknownIssuer"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_at_another_time_is_refused() {
    let (authority, server) = (Authority::new(), PostgresServer::start());
    for (identity, words, advice) in [
        (authority.certified_once(), "certificate expired", "renew"),
        (authority.will_certify(), "certificate not valid yet", "set this machine's clock"),
    ] {
        server.shows(&identity);
        for mode in ["verify-full", "verify-ca"] {
            let query = format!("sslmode={mode}&{}", authority.as_parameter());

            let refusal = refusal(&server.url("localhost", &query)).await;

            assert!(refusal.contains(words) && refusal.contains(advice), "{refusal}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_that_plays_server_is_refused_with_what_to_make_instead() {
    let (authority, server) = (Authority::new(), PostgresServer::start());
    server.shows(authority.own());

    let query = format!("sslmode=verify-full&{}", authority.as_parameter());
    let refusal = refusal(&server.url("localhost", &query)).await;

    assert!(refusal.contains("have that authority sign one for the server"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_tls_is_refused_but_by_prefer() {
    let (authority, server) = (Authority::new(), PostgresServer::start());

    for mode in ["verify-full", "verify-ca", "require"] {
        let refusal =
            refusal(&server.url("localhost", &format!("sslmode={mode}&{}", authority.as_parameter()))).await;

        assert!(refusal.contains("server does not support TLS; turn it on there (ssl = on)"), "{refusal}");
    }
    let url = server.url("localhost", "application_name=prefer&sslmode=prefer");
    let store = opened(&url).await.unwrap();
    settle(&*store, touch("oLin0001", "k")).await;
    let (all, secure) = server.connections("prefer").await;
    assert!(all >= 2 && secure == 0, "{all}, {secure} of them TLS");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_demands_what_the_url_lacks_says_so() {
    let (authority, server) = (Authority::new(), PostgresServer::start());
    server.shows(&authority.certifies(&["localhost"]));
    server.demands_tls();

    let plain = refusal(&server.url("localhost", "")).await;
    assert!(plain.contains("where the server demands TLS, add sslmode=verify-full"), "{plain}");
    let url = server.url("localhost", &format!("sslmode=verify-full&{}", authority.as_parameter()));
    opened(&url).await.unwrap();

    server.demands_certificates(authority.own());
    let without = refusal(&url).await;
    assert!(without.contains("a client certificate, if it wants one, is not supported"), "{without}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_goes_bad_while_the_gateway_runs_is_told() {
    let (authority, server) = (Authority::new(), PostgresServer::start());
    server.shows(&authority.certifies(&["localhost"]));
    let query = format!("sslmode=verify-full&{}", authority.as_parameter());
    let store = opened(&server.url("localhost", &query)).await.unwrap();
    settle(&*store, touch("oLin0001", "before")).await;

    server.shows(&authority.certified_once());
    // The first to come may still meet the old connections.
    let mut told = String::new();
    for _ in 0..20 {
        told = store.settle(touch("oLin0001", "after")).await.unwrap_err().to_string();
        if told.contains("certificate") {
            break;
        }
    }

    assert!(told.contains("certificate expired"), "{told}");
    server.shows(&authority.certifies(&["localhost"]));
    assert!(settle(&*store, touch("oLin0001", "after")).await.fresh);
}
