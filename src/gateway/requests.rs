//! What every gateway over HTTP needs: a suspicious client, bodies with an end, and which addresses may be asked.

use reqwest::{Client, ClientBuilder, Response, Url, redirect};
use std::net::IpAddr;
use std::time::Duration;

/// For how long a connection that nobody uses is kept.
const RESTS_FOR: Duration = Duration::from_secs(2);

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoBody {
    /// Longer than anything honest.
    TooLong,
    /// It stopped coming.
    Interrupted,
}

/// A client for requests to `addresses`. A redirect would lead to a host that nobody configured, so none is
/// followed; nothing is sent a second time unless the gateway says so.
pub(super) fn client<'a>(addresses: impl IntoIterator<Item = &'a Url>) -> ClientBuilder {
    let builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // Many a server and balancer ends what rests for five seconds; a request that meets the end would be lost.
        .pool_idle_timeout(RESTS_FOR)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
    if addresses.into_iter().all(|address| address.scheme() == "http") {
        // A system without root certificates must still be able to talk to itself and to fetch what is signed.
        return builder.tls_certs_only([]);
    }
    builder
}

/// Reads a body of at most `most` octets; more is not waited for.
pub(super) async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, NoBody> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > most) {
        return Err(NoBody::TooLong);
    }
    // An announcement costs its sender nothing, so only a part of it is believed in advance.
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(1 << 20));
    while let Some(chunk) = response.chunk().await.map_err(|_| NoBody::Interrupted)? {
        if body.len() + chunk.len() > most {
            return Err(NoBody::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether what is sent there cannot be read on the way: https, or plain http that does not leave this machine.
pub(super) fn is_sheltered(address: &Url) -> bool {
    let host = address.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match address.scheme() {
        "https" => true,
        "http" => is_this_machine(host),
        _ => false,
    }
}

/// Whether a host is the machine itself.
pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let sheltered = |address: &str| is_sheltered(&Url::parse(address).unwrap());
        for address in ["https://tsa.example/", "http://127.0.0.1:8081/x", "http://localhost/", "http://[::1]:1/"] {
            assert!(sheltered(address), "{address}");
        }
        for address in ["http://tsa.example/", "http://127.0.0.1.example/", "http://10.0.0.1/", "ftp://localhost/"] {
            assert!(!sheltered(address), "{address}");
        }
    }
}
