//! The files of the command line, and why one cannot be used.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Profile, VerifyArgs};
use crate::jpki::{Anchor, Crl, CrlSet, Environment, Policies, Reason, Trust, pem_blocks, pem_or_der};

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
pub(super) fn trust(args: &VerifyArgs) -> Result<Trust, Unusable> {
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
    // A suite has roots that are meant to be refused: the trust says why when no path is found.
    let der = |paths: &[PathBuf]| Ok(blocks(paths)?.into_iter().map(|(_, der)| der).collect::<Vec<_>>());
    Ok(Trust::laboratory(&der(&args.anchors)?, der(&args.intermediates)?, &args.lab.clone().unwrap_or_default()))
}

/// The roots of time-stamping authorities and what may stand below them: the same files, without the profile.
pub(super) fn timestamping(args: &VerifyArgs) -> Result<Trust, Unusable> {
    let roots = blocks(&args.anchors)?;
    // A root of people's certificates that cannot be one of an authority's is none of theirs.
    let anchors = roots.iter().filter_map(|(_, der)| Anchor::from_der(der).ok()).collect();
    let below = blocks(&args.intermediates)?.into_iter().map(|(_, der)| der).collect();
    Ok(Trust::timestamping(anchors).with_intermediates(below))
}

/// The lists that can be used. In the laboratory each is judged where a path asks for it.
pub(super) fn lists(args: &VerifyArgs, trust: &Trust, unused: &mut Vec<Unused>) -> Result<CrlSet, Unusable> {
    let mut lists = CrlSet::new();
    for (path, der) in blocks(&args.crls)? {
        let taken = match args.profile {
            Profile::Lab => lists.insert_for_laboratory(&der),
            Profile::JpkiSign | Profile::JpkiAuth => {
                // An older list beside a newer one is no fault.
                Crl::parse(&der, trust).map(|list| {
                    lists.insert(list);
                })
            }
        };
        if let Err(reason) = taken {
            unused.push(Unused { file: path, reason });
        }
    }
    Ok(lists)
}

fn strict_roots(paths: &[PathBuf]) -> Result<Vec<Anchor>, Unusable> {
    let root =
        |(path, der): (PathBuf, Vec<u8>)| Anchor::from_der(&der).map_err(|reason| Unusable::Root { path, reason });
    blocks(paths)?.into_iter().map(root).collect()
}

/// A PEM file may hold several.
fn blocks(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Vec<u8>)>, Unusable> {
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        let bytes = read(path)?;
        let blocks = pem_blocks(&bytes).unwrap_or_else(|| vec![Some(bytes)]);
        if blocks.is_empty() {
            return Err(Unusable::Pem { path: path.clone() });
        }
        for block in blocks {
            all.push((path.clone(), block.ok_or_else(|| Unusable::Pem { path: path.clone() })?));
        }
    }
    Ok(all)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    std::fs::read(path).map_err(|source| Unusable::Unreadable { path: path.to_owned(), source })
}

pub(super) fn der(path: &Path) -> Result<Vec<u8>, Unusable> {
    let bytes = read(path)?;
    pem_or_der(&bytes).map(std::borrow::Cow::into_owned).ok_or_else(|| Unusable::Pem { path: path.to_owned() })
}
