//! Who may use the control API and the page of a mock that listens on every address: who sits at this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use reqwest::{Method, Response, StatusCode};

use crate::{
    program,
    serve::{Running, start_and_read},
};

/// Headers by which proxies say who called. Anybody can write them.
const CLAIMS: [(&str, &str); 6] = [
    ("X-Forwarded-For", "{}"),
    ("X-Real-IP", "{}"),
    ("Forwarded", "for={}"),
    ("X-Client-IP", "{}"),
    ("CF-Connecting-IP", "{}"),
    ("Host", "{}"),
];

const CONTROL: [(Method, &str); 8] = [
    (Method::GET, "/"),
    (Method::GET, "/_mock/health"),
    (Method::GET, "/_mock/state"),
    (Method::GET, "/_mock/openapi.json"),
    (Method::GET, "/_mock/page/live"),
    (Method::GET, "/_mock/no_such_path"),
    (Method::POST, "/_mock/reset"),
    (Method::PUT, "/_mock/accounts/brand"),
];

/// Other ways to write a path of the control API.
const DISGUISES: [&str; 5] =
    ["//_mock/health", "/%5Fmock/health", "/_MOCK/health", "/cgi-bin/%2e%2e/_mock/health", "/?/_mock/health"];

/// A mock on every address of one family; its port.
fn everywhere(any: IpAddr, arguments: &[&str]) -> (Running, u16) {
    let listen = SocketAddr::new(any, 0).to_string();
    let arguments = [&["serve", "--listen", &listen], arguments].concat();
    let (running, url, _) = start_and_read(&arguments);
    (running, url.rsplit(':').next().unwrap().parse().unwrap())
}

/// This machine's own addresses that are not loopback: calls to them come from them. Nothing is sent to find out.
fn own_addresses() -> Vec<IpAddr> {
    let routes: [(IpAddr, &str); 2] = [
        (Ipv4Addr::UNSPECIFIED.into(), "198.51.100.1:9"),
        (Ipv6Addr::UNSPECIFIED.into(), "[2001:db8:ffff::1]:9"),
    ];
    let own = routes.into_iter().filter_map(|(any, far)| {
        let socket = UdpSocket::bind((any, 0)).ok()?;
        socket.connect(far).ok()?;
        Some(socket.local_addr().ok()?.ip())
    });
    own.filter(|address| !address.is_loopback() && !address.is_unspecified()).collect()
}

async fn call(at: SocketAddr, method: &Method, path: &str, claim: Option<(&str, String)>) -> Response {
    let request = program::client().request(method.clone(), format!("http://{at}{path}"));
    let request = claim.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    request.send().await.unwrap()
}

/// What a header says when it claims that an address calls.
fn claims(address: &'static str) -> impl Iterator<Item = Option<(&'static str, String)>> {
    let claims = CLAIMS.iter().map(move |(name, shape)| Some((*name, shape.replace("{}", address))));
    std::iter::once(None).chain(claims)
}

/// Those of this machine's addresses by which a mock that listens on every address of that family is reached.
fn strangers(any: IpAddr) -> Vec<IpAddr> {
    own_addresses().into_iter().filter(|address| address.is_ipv4() == any.is_ipv4()).collect()
}

#[tokio::test]
async fn the_other_end_of_the_connection_decides_whatever_the_headers_claim() {
    let families = [IpAddr::from(Ipv4Addr::UNSPECIFIED), Ipv6Addr::UNSPECIFIED.into()];
    for any in families.into_iter().filter(|any| UdpSocket::bind((*any, 0)).is_ok()) {
        let (_running, port) = everywhere(any, &[]);
        for stranger in strangers(any) {
            let at = SocketAddr::new(stranger, port);
            for claim in claims("127.0.0.1") {
                for (method, path) in &CONTROL {
                    let answer = call(at, method, path, claim.clone()).await;

                    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{at} {method} {path} {claim:?}");
                    let why = answer.text().await.unwrap();
                    assert!(why.contains("--open-control"), "{why}");
                }
            }
            for path in DISGUISES {
                let answer = call(at, &Method::GET, path, None).await;
                let status = answer.status();
                let said = answer.text().await.unwrap();
                assert!(!said.contains("unmodelled") && !said.contains("<html"), "{path}: {status} {said}");
            }
            let wechat = call(at, &Method::GET, "/cgi-bin/token", None).await;
            assert_eq!(wechat.status(), StatusCode::OK, "WeChat's own paths are for everybody");
            assert!(wechat.text().await.unwrap().contains("41002"));
        }
        // A machine without a network has no strangers, but headers all the same.
        let loopback = match any {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        for claim in claims("203.0.113.9") {
            let answer =
                call(SocketAddr::new(loopback, port), &Method::GET, "/_mock/health", claim.clone()).await;
            assert_eq!(answer.status(), StatusCode::OK, "{loopback} {claim:?}");
        }
    }
}

#[tokio::test]
async fn an_open_control_api_serves_strangers() {
    let (_running, port) = everywhere(Ipv4Addr::UNSPECIFIED.into(), &["--open-control"]);
    let strangers = strangers(Ipv4Addr::UNSPECIFIED.into());
    for peer in strangers.into_iter().chain([Ipv4Addr::LOCALHOST.into()]) {
        let answer = call(SocketAddr::new(peer, port), &Method::GET, "/_mock/health", None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{peer}");
    }
}

/// A loopback call on an IPv6 listener has a mapped IPv4 address, which is this machine as well; the mapped address of
/// the network is a stranger's.
#[tokio::test]
async fn a_mapped_address_is_judged_as_what_it_maps() {
    if !listens_for_both() {
        return;
    }
    let (_running, port) = everywhere(Ipv6Addr::UNSPECIFIED.into(), &[]);
    let own = own_addresses().into_iter().filter(IpAddr::is_ipv4).map(|own| (own, StatusCode::FORBIDDEN));
    for (peer, status) in own.chain([(Ipv4Addr::LOCALHOST.into(), StatusCode::OK)]) {
        let answer = call(SocketAddr::new(peer, port), &Method::GET, "/_mock/health", None).await;
        assert_eq!(answer.status(), status, "{peer}");
    }
}

/// Whether an IPv6 listener takes IPv4 calls here.
fn listens_for_both() -> bool {
    let Ok(listener) = std::net::TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)) else { return false };
    let port = listener.local_addr().unwrap().port();
    std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
