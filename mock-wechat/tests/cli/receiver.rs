//! An account's server as small as can be: answers every push with what the test says.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::Uri, routing::post};

/// What the test says, by the query and the body.
type Behaviour = dyn Fn(&str, &str) -> String + Send + Sync;

pub(crate) struct Receiver {
    pub(crate) url: String,
    bodies: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Inner {
    bodies: Arc<Mutex<Vec<String>>>,
    behaviour: Arc<Behaviour>,
}

impl Receiver {
    pub(crate) async fn start(behaviour: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> Self {
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let inner = Inner { bodies: bodies.clone(), behaviour: Arc::new(behaviour) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wechat", listener.local_addr().unwrap());
        let router = Router::new().route("/wechat", post(push)).with_state(inner);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, bodies }
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

async fn push(State(inner): State<Inner>, uri: Uri, body: Bytes) -> String {
    let body = String::from_utf8(body.to_vec()).unwrap();
    inner.bodies.lock().unwrap().push(body.clone());
    (inner.behaviour)(uri.query().unwrap_or_default(), &body)
}
