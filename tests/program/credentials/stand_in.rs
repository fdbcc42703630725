//! A stand-in for those who give credentials: STS, IAM Identity Center and its OIDC, AWS sign-in, the metadata services
//! of instances and containers. Written from botocore's models of `sts`, `sso`, `sso-oidc` and `signin`, and from AWS's
//! pages on IMDSv2 and on the container credentials' endpoint; what a model calls required is required here.
//!
//! Who calls is known by the access key in the signature: each key that is given out names what it was given for.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use signalbox::time::{Span, Timestamp};

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The name of the server that was asked.
    pub at: String,
    /// `AssumeRole`, `GET /federation/credentials`.
    pub what: String,
    /// Parameters of query and body.
    pub with: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    /// The access key of its signature.
    pub key: Option<String>,
}

impl Asked {
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.with.get(name).is_some_and(|v| v == value)
    }
}

/// How a server behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    /// It takes connections and says nothing.
    Silent,
}

/// All servers, and what they were asked.
#[derive(Clone)]
pub struct StandIn {
    asked: Arc<Mutex<Vec<Asked>>>,
    /// How long sessions last.
    lasts: Span,
    tls: Option<Arc<rustls::ServerConfig>>,
}

impl StandIn {
    pub fn new() -> Self {
        Self { asked: Arc::default(), lasts: Span::from_hours(1), tls: None }
    }

    /// The same over TLS, with the certificate beside this file.
    pub fn over_tls() -> Self {
        use rustls::pki_types::pem::PemObject as _;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let leaf = CertificateDer::from_pem_slice(include_bytes!("leaf.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("leaf.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth().with_single_cert(vec![leaf], key).unwrap();
        Self { tls: Some(Arc::new(config)), ..Self::new() }
    }

    /// Opens a server; its URL.
    pub fn open(&self, name: &str, mood: Mood) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let (me, name) = (self.clone(), name.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (me, name) = (me.clone(), name.clone());
                std::thread::spawn(move || me.serve(stream, &name, mood));
            }
        });
        url
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The servers that were asked for this, in their order.
    pub fn where_asked(&self, what: &str) -> Vec<String> {
        self.asked().into_iter().filter(|a| a.what == what).map(|a| a.at).collect()
    }

    pub fn one(&self, what: &str) -> Asked {
        let all = self.asked();
        all.iter().find(|a| a.what == what).cloned().unwrap_or_else(|| panic!("no {what} in {all:#?}"))
    }

    fn serve(&self, stream: TcpStream, name: &str, mood: Mood) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
        match &self.tls {
            None => drop(self.answer(stream, name, mood)),
            Some(config) => {
                let connection = rustls::ServerConnection::new(config.clone()).unwrap();
                drop(self.answer(rustls::StreamOwned::new(connection, stream), name, mood));
            }
        }
    }

    fn answer(&self, stream: impl Read + Write, name: &str, mood: Mood) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let (method, target) = {
            let mut words = line.split_whitespace();
            (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned())
        };
        let mut headers = BTreeMap::new();
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut with = pairs(query);
        with.extend(match serde_json::from_str::<serde_json::Value>(&body) {
            Ok(json) => flat(&json),
            Err(_) => pairs(&body),
        });
        let what = with.get("Action").cloned().unwrap_or_else(|| format!("{method} {path}"));
        let signed = headers.get("authorization").and_then(|a| a.split_once("Credential="));
        let key = signed.and_then(|(_, rest)| rest.split('/').next()).map(str::to_owned);
        let asked = Asked { at: name.to_owned(), what, with, headers, key };
        self.asked.lock().unwrap().push(asked.clone());
        if mood == Mood::Silent {
            let mut nothing = [0; 1];
            // Until the other side gives up.
            let _ = stream.read(&mut nothing);
            return Ok(());
        }
        let (status, kind, body) = self.said(&asked);
        let ttl = match asked.headers.get("x-aws-ec2-metadata-token-ttl-seconds") {
            Some(seconds) => format!("x-aws-ec2-metadata-token-ttl-seconds: {seconds}\r\n"),
            None => String::new(),
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{ttl}content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let out = stream.get_mut();
        out.write_all(format!("{head}{body}").as_bytes())?;
        out.flush()
    }

    fn said(&self, asked: &Asked) -> (u16, &'static str, String) {
        let get = |name: &str| asked.with.get(name).map(String::as_str);
        match asked.what.as_str() {
            "GetCallerIdentity" => {
                let Some(key) = &asked.key else { return fault("MissingAuthenticationToken", "not signed") };
                let arn = format!("arn:aws:sts::111122223333:assumed-role/{key}/x");
                xml(&asked.what, &format!("<Arn>{arn}</Arn><UserId>{key}</UserId><Account>111122223333</Account>"))
            }
            "AssumeRole" => {
                let (Some(role), Some(_), Some(_)) = (get("RoleArn"), get("RoleSessionName"), &asked.key) else {
                    return fault("ValidationError", "RoleArn and RoleSessionName are required, and a signature");
                };
                if role.ends_with("forbidden") {
                    return fault("AccessDenied", "you are not authorized to perform: sts:AssumeRole");
                }
                self.given(&asked.what, role)
            }
            "GetSessionToken" => {
                if get("SerialNumber").is_some() && get("TokenCode") != Some("123456") {
                    return fault(
                        "AccessDenied",
                        "MultiFactorAuthentication failed with invalid MFA one time pass code.",
                    );
                }
                self.given(&asked.what, "mfa")
            }
            "AssumeRoleWithWebIdentity" => {
                let (Some(role), Some(_), Some(token)) =
                    (get("RoleArn"), get("RoleSessionName"), get("WebIdentityToken"))
                else {
                    return fault("ValidationError", "RoleArn, RoleSessionName and WebIdentityToken are required");
                };
                if token != "a-token" || asked.key.is_some() {
                    return fault("InvalidIdentityToken", "this token is nobody's");
                }
                self.given(&asked.what, role)
            }
            "GET /federation/credentials" => {
                let token = asked.headers.get("x-amz-sso_bearer_token").map(String::as_str);
                if !matches!(token, Some("sso-token" | "sso-token-2")) {
                    return json(401, serde_json::json!({ "message": "Session token not found or invalid" }));
                }
                let (Some(role), Some(_)) = (get("role_name"), get("account_id")) else {
                    return json(400, serde_json::json!({ "message": "role_name and account_id are required" }));
                };
                let end = (Timestamp::now() + self.lasts).as_millisecond();
                json(
                    200,
                    serde_json::json!({ "roleCredentials": {
                        "accessKeyId": format!("ASIA-sso-{role}"), "secretAccessKey": "s", "sessionToken": "t",
                        "expiration": end,
                    }}),
                )
            }
            "POST /token" => {
                let all = ["clientId", "clientSecret", "grantType"].iter().all(|name| get(name).is_some());
                if !all || get("grantType") != Some("refresh_token") || get("refreshToken") != Some("sso-refresh") {
                    return json(400, serde_json::json!({ "error": "invalid_grant" }));
                }
                json(
                    200,
                    serde_json::json!({
                        "accessToken": "sso-token-2", "tokenType": "Bearer", "expiresIn": 3600,
                        "refreshToken": "sso-refresh-2",
                    }),
                )
            }
            "POST /v1/token" => {
                let all = ["clientId", "grantType", "refreshToken"].iter().all(|name| get(name).is_some());
                if !all || !asked.headers.contains_key("dpop") {
                    return json(400, serde_json::json!({ "error": "INVALID_REQUEST", "message": "no" }));
                }
                json(
                    200,
                    serde_json::json!({
                        "accessToken": {
                            "accessKeyId": "ASIA-login", "secretAccessKey": "s", "sessionToken": "t",
                        },
                        "tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "login-refresh-2",
                    }),
                )
            }
            "PUT /latest/api/token" if asked.headers.contains_key("x-aws-ec2-metadata-token-ttl-seconds") => {
                (200, "text/plain", "imds-token".to_owned())
            }
            "GET /latest/meta-data/placement/region" => (200, "text/plain", "us-east-2".to_owned()),
            what if what.starts_with("GET /latest/meta-data/iam/security-credentials/") => {
                if asked.headers.get("x-aws-ec2-metadata-token").map(String::as_str) != Some("imds-token") {
                    return (401, "text/plain", String::new());
                }
                match what.rsplit('/').next() {
                    Some("") => (200, "text/plain", "box".to_owned()),
                    _ => self.by_metadata("instance"),
                }
            }
            "GET /container" => match asked.headers.get("authorization").map(String::as_str) {
                Some("pod-token") => self.by_metadata("container"),
                _ => (403, "text/plain", "no".to_owned()),
            },
            other => fault("InvalidAction", other),
        }
    }

    /// Credentials of STS, whose key names the role.
    fn given(&self, action: &str, role: &str) -> (u16, &'static str, String) {
        let name = role.rsplit('/').next().unwrap_or(role);
        let end = Timestamp::now() + self.lasts;
        xml(
            action,
            &format!(
                "<Credentials><AccessKeyId>ASIA-{name}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>t</SessionToken><Expiration>{}</Expiration></Credentials><AssumedRoleUser>\
                 <AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/{name}/x</Arn>\
                 </AssumedRoleUser>",
                end.strftime("%Y-%m-%dT%H:%M:%SZ")
            ),
        )
    }

    fn by_metadata(&self, name: &str) -> (u16, &'static str, String) {
        let end = (Timestamp::now() + self.lasts).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        json(
            200,
            serde_json::json!({
                "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": format!("ASIA-{name}"), "SecretAccessKey": "s",
                "Token": "t", "Expiration": end, "LastUpdated": "2026-01-01T00:00:00Z",
            }),
        )
    }
}

fn xml(action: &str, result: &str) -> (u16, &'static str, String) {
    let text = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
    );
    (200, "text/xml", text)
}

fn fault(code: &str, message: &str) -> (u16, &'static str, String) {
    let text = format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    );
    (403, "text/xml", text)
}

fn json(status: u16, body: serde_json::Value) -> (u16, &'static str, String) {
    (status, "application/json", body.to_string())
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let decoded = |t: &str| percent_encoding::percent_decode_str(&t.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&').filter_map(|p| p.split_once('=')).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// The texts of a JSON object, whatever it wraps them in.
fn flat(json: &serde_json::Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, value) in json.as_object().into_iter().flatten() {
        match value {
            serde_json::Value::String(text) => drop(all.insert(name.clone(), text.clone())),
            other => all.extend(flat(other)),
        }
    }
    all
}
