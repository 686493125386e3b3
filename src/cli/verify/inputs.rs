//! The files of the command line, and why one cannot be used.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Profile, VerifyArgs};
use crate::jpki::{Anchor, Crl, CrlSet, Environment, Laboratory, Policies, Reason, Trust, pem_blocks, pem_or_der};

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: broken PEM", path.display())]
    Pem { path: PathBuf },
    #[error("{}: not usable as a root: {reason}", path.display())]
    Root { path: PathBuf, reason: Reason },
    #[error("{}: not a signature, certificate, list, OCSP response, PDF or evidence archive", path.display())]
    Unknown { path: PathBuf },
    #[error("{option} does not go with --kind {kind}")]
    Superfluous { option: &'static str, kind: &'static str },
    #[error("--kind {kind} needs {option}")]
    Missing { option: &'static str, kind: &'static str },
    #[error("--lab goes with --profile lab only")]
    LabOutside,
}

/// A file that was given and is not used.
#[derive(Debug, Serialize)]
pub(super) struct Unused {
    pub(super) file: PathBuf,
    pub(super) reason: Reason,
}

/// The roots and rules.
pub(super) fn trust(args: &VerifyArgs, unused: &mut Vec<Unused>) -> Result<Trust, Unusable> {
    // The caller chose the roots, so every kind of certificate counts that they may sign.
    let policies = Policies::of(&[Environment::Production, Environment::Test, Environment::Demo]);
    if args.profile != Profile::Lab {
        if args.lab.is_some() {
            return Err(Unusable::LabOutside);
        }
        let anchors = strict_roots(&args.anchors)?;
        return Ok(match args.profile {
            Profile::JpkiAuth => Trust::user_authentication(anchors, policies),
            Profile::JpkiSign | Profile::Lab => Trust::signing(anchors, policies),
        });
    }
    // A suite has roots that are meant to be refused.
    let mut anchors = Vec::new();
    for (path, der) in certificates(&args.anchors)? {
        match Anchor::laboratory(&der) {
            Ok(anchor) => anchors.push(anchor),
            Err(reason) => unused.push(Unused { file: path, reason }),
        }
    }
    let intermediates = certificates(&args.intermediates)?.into_iter().map(|(_, der)| der).collect();
    Ok(Trust::laboratory(anchors, intermediates, args.lab.clone().unwrap_or_else(Laboratory::strict)))
}

/// The roots of time-stamping authorities: the same files, without the profile.
pub(super) fn timestamping(args: &VerifyArgs) -> Result<Trust, Unusable> {
    let roots = certificates(&args.anchors)?;
    Ok(Trust::timestamping(roots.iter().filter_map(|(_, der)| Anchor::laboratory(der).ok()).collect()))
}

/// The lists that can be used.
pub(super) fn lists(args: &VerifyArgs, trust: &Trust, unused: &mut Vec<Unused>) -> Result<CrlSet, Unusable> {
    let mut lists = CrlSet::new();
    for path in &args.crls {
        match Crl::parse(&der(path)?, trust) {
            Ok(list) => drop(lists.insert(list)),
            Err(reason) => unused.push(Unused { file: path.clone(), reason }),
        }
    }
    Ok(lists)
}

fn strict_roots(paths: &[PathBuf]) -> Result<Vec<Anchor>, Unusable> {
    let root = |(path, der): (PathBuf, Vec<u8>)| {
        Anchor::from_der(&der).map_err(|reason| Unusable::Root { path, reason })
    };
    certificates(paths)?.into_iter().map(root).collect()
}

/// A PEM file may hold several.
fn certificates(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Vec<u8>)>, Unusable> {
    let mut certificates = Vec::with_capacity(paths.len());
    for path in paths {
        let bytes = read(path)?;
        let blocks = pem_blocks(&bytes).unwrap_or_else(|| vec![Some(bytes)]);
        if blocks.is_empty() {
            return Err(Unusable::Pem { path: path.clone() });
        }
        for block in blocks {
            certificates.push((path.clone(), block.ok_or_else(|| Unusable::Pem { path: path.clone() })?));
        }
    }
    Ok(certificates)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    std::fs::read(path).map_err(|source| Unusable::Unreadable { path: path.to_owned(), source })
}

pub(super) fn der(path: &Path) -> Result<Vec<u8>, Unusable> {
    let bytes = read(path)?;
    pem_or_der(&bytes).map(std::borrow::Cow::into_owned).ok_or_else(|| Unusable::Pem { path: path.to_owned() })
}
