//! The server around the answers: sockets, panics, bounds, and its own description.

use super::super::limits::REQUESTS_PER_ORGANISATION_MAX;
use super::super::{HttpConfig, HttpError, TlsFiles, observe, serve};
use super::*;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use kanhe_contracts::fixture::PLATFORM;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

fn config(listen: &str) -> HttpConfig {
    let listen = listen.parse().expect("an address");
    HttpConfig { listen, tls: None, metrics_token: TOKEN.into(), privacy: PrivacyConfig::default() }
}

const HEALTH_REQUEST: &[u8] = b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

fn ask(mut stream: impl Read + Write) -> String {
    stream.write_all(HEALTH_REQUEST).expect("the server reads");
    let mut answer = Vec::new();
    // A connection that ends without TLS' farewell is an error after the answer.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("text")
}

async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("the test's client does not panic")
}

#[tokio::test]
async fn it_answers_on_a_socket_until_it_is_stopped() {
    let zone = Zone::start().await;
    let server = serve(zone.handle.clone(), config("127.0.0.1:0")).await.expect("it listens");
    let address = server.local_addr();
    let answer = on_thread(move || ask(TcpStream::connect(address).expect("it accepts"))).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("ok"), "{answer}");
    server.shutdown().await;
    assert!(on_thread(move || TcpStream::connect(address)).await.is_err());
    zone.stop().await;
}

#[tokio::test]
async fn a_taken_address_and_plain_http_beyond_loopback_are_refused() {
    let zone = Zone::start().await;
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it has an address").to_string();
    let error = serve(zone.handle.clone(), config(&address)).await.err().expect("it is taken");
    assert!(matches!(error, HttpError::Taken { .. }), "{error}");
    assert!(error.to_string().contains(&address));
    let error = serve(zone.handle.clone(), config("0.0.0.0:0")).await.err().expect("no TLS");
    assert!(matches!(error, HttpError::PlainBeyondLoopback { .. }), "{error}");
    zone.stop().await;
}

#[tokio::test]
async fn it_speaks_tls_with_the_given_certificate() {
    let zone = Zone::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let files =
        TlsFiles { certificate: folder.path().join("tls.crt"), key: folder.path().join("tls.key") };
    std::fs::write(&files.certificate, made.cert.pem()).expect("written");
    std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("written");
    let with_tls = HttpConfig { tls: Some(files.clone()), ..config("127.0.0.1:0") };
    let server = serve(zone.handle.clone(), with_tls).await.expect("it listens");
    let address = server.local_addr();
    let certificate = made.cert.der().clone();
    let answer = on_thread(move || ask(tls_client(address, certificate))).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    server.shutdown().await;

    std::fs::write(&files.key, "no key").expect("written");
    let without_key = HttpConfig { tls: Some(files), ..config("127.0.0.1:0") };
    let error = serve(zone.handle.clone(), without_key).await.err().expect("there is no key");
    assert!(matches!(error, HttpError::TlsFile { expected: "private key", .. }), "{error}");
    zone.stop().await;
}

fn tls_client(
    address: SocketAddr,
    certificate: rustls::pki_types::CertificateDer<'static>,
) -> impl Read + Write {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let client = rustls::ClientConnection::new(Arc::new(config), name).expect("a client");
    rustls::StreamOwned::new(client, TcpStream::connect(address).expect("it accepts"))
}

#[tokio::test]
async fn a_panic_answers_500_and_the_next_request_is_answered() {
    async fn broken() -> &'static str {
        panic!("as this test wants")
    }
    let zone = Zone::start().await;
    let router = Router::new()
        .route(path::HEALTH, get(broken))
        .route(path::STATUS, get(async || "fine"))
        .layer(from_fn_with_state(Arc::clone(&zone.app), observe::observe));
    let ask = async |target| {
        call(router.clone(), Request::get(target).body(Body::empty()).expect("a request")).await
    };
    ask(path::HEALTH).await.error(ErrorCode::Internal);
    assert_eq!(ask(path::STATUS).await.body, b"fine");
    zone.stop().await;
}

#[tokio::test]
async fn requests_of_one_organisation_are_bounded_and_others_go_on() {
    let zone = Zone::start().await;
    let platform = fixture::code(PLATFORM);
    let mut held: Vec<_> = (0..REQUESTS_PER_ORGANISATION_MAX)
        .map(|_| zone.app.enter(&platform).expect("within the bound"))
        .collect();
    let error = zone.get(path::STATUS, PLATFORM).await.error(ErrorCode::TooManyRequests);
    assert!(error.retryable);
    assert_eq!(zone.get(path::STATUS, RIVAL).await.status, StatusCode::OK);
    held.pop();
    assert_eq!(zone.get(path::STATUS, PLATFORM).await.status, StatusCode::OK);
    zone.stop().await;
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_as_json() {
    let zone = Zone::start().await;
    zone.get("/v1/nothing", PLATFORM).await.error(ErrorCode::NotFound);
    let post = zone.draft("POST", path::STATUS, PLATFORM);
    zone.send(&post).await.error(ErrorCode::MethodNotAllowed);
    zone.stop().await;
}

#[tokio::test]
async fn the_description_lists_every_path_and_every_error() {
    let zone = Zone::start().await;
    let answer = zone.get(path::OPENAPI, PLATFORM).await;
    let description: serde_json::Value = answer.json(StatusCode::OK);
    let paths = description["paths"].as_object().expect("the paths are an object");
    let described: std::collections::BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    assert_eq!(described, path::ALL.into_iter().collect());
    for (target, methods) in paths {
        let methods: Vec<&String> = methods.as_object().expect("methods").keys().collect();
        for method in ["get", "post"] {
            let target = target.replace(['{', '}'], "");
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&target);
            let answer = zone.call(request.body(Body::empty()).expect("a request")).await;
            let has_method = answer.status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(has_method, methods.iter().any(|known| *known == method), "{target}");
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{target}");
        }
    }
    let schema = &description["components"]["schemas"]["Error"]["properties"]["code"]["enum"];
    let described: Vec<String> = serde_json::from_value(schema.clone()).expect("names");
    let codes: Vec<String> = ErrorCode::ALL.into_iter().map(ErrorCode::name).collect();
    assert_eq!(described, codes);
    zone.stop().await;
}

#[tokio::test]
async fn submissions_documents_and_requests_are_counted() {
    let zone = Zone::start().await;
    let mut short = kanhe_contracts::fixture::order(&kanhe_contracts::fixture::Trade::new(1));
    short.guid = "short".into();
    zone.execute(PLATFORM, &[short]).await;
    let expected = [
        r#"kanhe_submissions_total{answer="admitted"} 1"#,
        r#"kanhe_documents_total{outcome="rejected",rejection="GuidMalformed"} 1"#,
        r#"kanhe_http_requests_total{route="/v1/submissions",status="2xx"} 1"#,
    ];
    // Asked twice: a document is counted once.
    for _ in 0..2 {
        let request =
            Request::get(path::METRICS).header("authorization", format!("Bearer {TOKEN}"));
        let answer = zone.call(request.body(Body::empty()).expect("a request")).await;
        let text = String::from_utf8(answer.body).expect("text");
        for line in expected {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        // Nothing of so small a chain was flushed.
        let unflushed = r#"kanhe_ledger_memory_bytes{part="unflushed"} "#;
        let bytes = text.lines().find_map(|line| line.strip_prefix(unflushed));
        assert!(bytes.is_some_and(|bytes| bytes != "0"), "{text}");
    }
    zone.stop().await;
}
