//! Whose certificates are trusted: those of the file that `AWS_CA_BUNDLE` names, or a profile's `ca_bundle`, and else
//! the system's, which `SSL_CERT_FILE` replaces. A file that is named and cannot be used closes every way, with the
//! reason: without it, every server would look like a forged one.

use std::path::PathBuf;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine as _;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::trouble::clip;

/// More bytes than any bundle has.
const LARGEST: u64 = 16 << 20;

/// Whom to trust.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    /// Certificates as PEM, where a file of AWS's names them; none: the system's.
    pem: Option<String>,
}

/// A file of certificates that is named and cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} names {file}, {why}")]
pub(super) struct Untrusted {
    name: String,
    file: String,
    why: String,
}

impl Trust {
    /// As the environment has it, or `of_profile`, the profile's `ca_bundle`.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>, of_profile: Option<&str>) -> Result<Self, Untrusted> {
        let given = |name: &str| variable(name).filter(|file| !file.is_empty());
        let aws = given("AWS_CA_BUNDLE").map(|file| ("AWS_CA_BUNDLE", file));
        if let Some((name, file)) = aws.or_else(|| of_profile.map(|file| ("ca_bundle of the profile", file.to_owned())))
        {
            return Ok(Self { pem: Some(read(name, file)?) });
        }
        // The system's way reads it again, and is silent where it has nothing.
        if let Some(file) = given("SSL_CERT_FILE") {
            read("SSL_CERT_FILE", file)?;
        }
        Ok(Self::default())
    }

    /// For the SDK's clients; none: their own.
    pub(super) fn context(&self) -> Option<TlsContext> {
        let store = TrustStore::empty().with_pem_certificate(self.pem.clone()?);
        TlsContext::builder().with_trust_store(store).build().ok()
    }

    /// Certificates as PEM, where they are not the system's.
    pub(super) fn pem(&self) -> Option<&str> {
        self.pem.as_deref()
    }
}

/// The certificates of a file that can be used, as PEM. The SDK stops the program at one that it cannot read, and real
/// bundles have some.
fn read(name: &str, file: String) -> Result<String, Untrusted> {
    let path = home(&file);
    let fault = |why: String| Untrusted { name: name.to_owned(), file: file.clone(), why };
    let about = std::fs::metadata(&path).map_err(|e| fault(format!("which cannot be read: {e}")))?;
    if !about.is_file() || about.len() > LARGEST {
        return Err(fault("which is no file of certificates".to_owned()));
    }
    let bytes = crate::files::read_bounded(&path, LARGEST).map_err(|e| fault(format!("which cannot be read: {e}")))?;
    let mut store = RootCertStore::empty();
    let mut last = None;
    let mut pem = String::new();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = match certificate {
            Ok(certificate) => certificate,
            Err(e) => {
                last = Some(clip(&format!("{e:?}"), 200));
                continue;
            }
        };
        match store.add(certificate.clone()) {
            Ok(()) => written(&certificate, &mut pem),
            Err(e) => last = Some(clip(&e.to_string(), 200)),
        }
    }
    if let Some(why) = &last {
        tracing::warn!(why, file, "a certificate of {name} cannot be used, and is left out");
    }
    if pem.is_empty() {
        let why = last.map(|e| format!(": {e}")).unwrap_or_default();
        return Err(fault(format!("which has no certificate that can be used{why}")));
    }
    Ok(pem)
}

fn written(certificate: &CertificateDer<'_>, pem: &mut String) {
    let text = base64::engine::general_purpose::STANDARD.encode(certificate);
    pem.push_str("-----BEGIN CERTIFICATE-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
}

/// A path as the AWS CLI takes it.
fn home(file: &str) -> PathBuf {
    match (file.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(file),
    }
}
