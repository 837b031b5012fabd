//! Redirects, and the addresses to which they must not lead.

use super::*;

#[test]
fn redirects_are_followed_and_kept() {
    let server = Server::new(|_, request| match request.path.as_str() {
        "/a" => Answer::new(301, &[("Location", "/b?x=1#frag")], "moved"),
        "/b?x=1" => Answer::new(307, &[("Location", "c")], ""),
        _ => ok("here"),
    });
    let sent = get(&server, "/a").unwrap();
    let hops: Vec<(&str, u16)> =
        sent.before.iter().map(|hop| (hop.request.url.as_str(), hop.response.status)).collect();
    assert_eq!(hops, [(server.url("/a").as_str(), 301), (server.url("/b?x=1").as_str(), 307)]);
    assert_eq!(sent.before[0].response.body, b"moved");
    assert_eq!(sent.exchange.request.url, server.url("/c"));
    assert_eq!(sent.exchange.response.body, b"here");
    assert_eq!(sent.requests, 3);
}

#[test]
fn a_redirect_loop_ends() {
    let server = Server::script([Answer::new(302, &[("Location", "/again")], "")]);
    let sent = run(client(options(&[&server])).send(&Request::get(server.url("/"))));
    assert_eq!((sent.before.len(), sent.requests), (6, 6));
    let error = sent.answer.unwrap_err();
    assert!(matches!(error, HttpError::TooManyRedirects { limit: 5, .. }), "{error:?}");
    assert_eq!(server.received().len(), 6);
}

#[test]
fn a_redirect_that_is_not_followed_is_kept() {
    let server = Server::script([Answer::new(302, &[("Location", "ftp://a.test/")], "moved")]);
    let sent = run(client(options(&[&server])).send(&Request::get(server.url("/"))));
    assert!(matches!(sent.answer, Err(HttpError::Redirect { .. })), "{:?}", sent.answer);
    assert_eq!((sent.before.len(), sent.requests), (1, 1));
    assert_eq!(sent.before[0].response.body, b"moved");
}

#[test]
fn a_redirect_into_the_private_network_is_refused() {
    let inside = Server::script([ok("secret of the house")]);
    let port = inside.host().rsplit_once(':').unwrap().1.to_owned();
    for to in [
        inside.url("/"),
        format!("http://2130706433:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://100.64.0.1/".to_owned(),
        "http://[fd00::1]/".to_owned(),
    ] {
        let location = to.clone();
        let server = Server::new(move |_, _| Answer::new(302, &[("Location", &location)], ""));
        let (_, fault) = fault(get(&server, "/"));
        assert!(matches!(fault, Fault::Private(_)), "{to}: {fault:?}");
    }
    assert_eq!(inside.received().len(), 0);
}

#[test]
fn a_name_that_leads_to_this_machine_is_refused_unless_named() {
    let server = Server::script([ok("")]);
    let port = server.host().rsplit_once(':').unwrap().1.to_owned();
    let request = Request::get(format!("http://localhost:{port}/"));
    for entry in [server.host(), "localhost:1".to_owned()] {
        let client = client(Options { allow_private: vec![entry], ..options(&[]) });
        let error = send(&client, &request).unwrap_err();
        assert!(error.to_string().contains("localhost leads to "), "{error}");
        assert!(error.to_string().contains("name it in [http] allow_private"), "{error}");
    }
    assert_eq!(server.received().len(), 0);
    for entry in ["localhost".to_owned(), format!("LOCALHOST:{port}")] {
        let client = client(Options { allow_private: vec![entry], ..options(&[]) });
        assert!(send(&client, &request).is_ok());
    }
}
