//! The rules of the signature engine in Japanese, for staff who look closer.

use crate::jpki::Reason;

/// Which rule was broken. Rules that only say how the data are built share a sentence; the code tells them apart.
#[expect(clippy::too_many_lines, reason = "one line for each rule of the engine")]
pub(super) const fn of_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::TooLarge | Reason::TooDeep | Reason::TrailingBytes | Reason::CmsMalformed | Reason::CmsVersion => {
            "署名データの形が、きまりとちがいます"
        }
        Reason::CmsNotSignedData => "署名データではありません",
        Reason::SignerNone => "署名した人がいません",
        Reason::SignerMultiple => "署名した人が2人以上います",
        Reason::SignerVersion
        | Reason::SignedAttributesMissing
        | Reason::SignedAttributesOrder
        | Reason::AttributeDuplicate
        | Reason::AttributeValueCount
        | Reason::AttributeUnsigned
        | Reason::ContentType
        | Reason::ContentTypeMissing
        | Reason::MessageDigestMissing
        | Reason::DigestAlgorithm
        | Reason::DigestAlgorithmUndeclared
        | Reason::SignaturePss
        | Reason::AlgorithmProtection
        | Reason::SigningCertificateMissing
        | Reason::PublicKeyMalformed
        | Reason::SignatureAlgorithm => "署名データの中身が、きまりとちがいます",
        Reason::TimestampMalformed
        | Reason::TimestampRejected
        | Reason::TimestampContentType
        | Reason::TimestampVersion
        | Reason::TimestampAlgorithm
        | Reason::TimestampImprint
        | Reason::TimestampNonce
        | Reason::TimestampUnknownCritical
        | Reason::TimestampCertificate
        | Reason::TimestampTime => "時刻の証明が、きまりとちがいます",
        Reason::PdfMalformed => "PDFを正しく読み取れません",
        Reason::PdfEncrypted => "PDFにパスワードや制限がかかっています",
        Reason::PdfSignatureMissing => "PDFに署名がありません",
        Reason::PdfSignatureMultiple => "PDFに署名が2つ以上あります",
        Reason::PdfSubfilter => "PDFの署名の形式が、きまりとちがいます",
        Reason::PdfDocumentTimestamp => "PDFにあるのは時刻の証明だけで、署名がありません",
        Reason::PdfByteRange | Reason::PdfContents => "PDFの署名の範囲が、きまりとちがいます",
        Reason::PdfNotCovered => "署名のあとで、PDFに書き足されています",
        Reason::PdfOriginalChanged => "お渡しした文書とはちがうPDFです",
        Reason::PdfContentChanged => "署名のほかにも、PDFに手が加えられています",
        Reason::PdfSignatureVisible => "PDFのページに署名が表示される設定です",
        Reason::SignerCertificateMissing => "署名データに証明書がありません",
        Reason::SignerCertificateAmbiguous => "署名した人の証明書を1つに決められません",
        Reason::ContentMissing => "署名の対象の文書がありません",
        Reason::ContentTwice => "署名の対象の文書が2つあります",
        Reason::MessageDigestMismatch => "別の文書への署名です",
        Reason::SigningCertificateMismatch | Reason::SigningCertificateWeak => {
            "署名のときの証明書と、付いている証明書がちがいます"
        }
        Reason::SignatureMismatch => "署名が、この証明書の鍵によるものではありません",
        Reason::CertificateMalformed
        | Reason::CertificateVersion
        | Reason::CertificateSerial
        | Reason::CertificateAlgorithm
        | Reason::CertificateAlgorithmMismatch
        | Reason::CertificateNameEmpty
        | Reason::PublicKeyAlgorithm
        | Reason::PublicKeySize
        | Reason::PublicKeyExponent
        | Reason::ExtensionDuplicate
        | Reason::ExtensionUnknownCritical
        | Reason::ExtensionCriticality
        | Reason::KeyUsageEmpty
        | Reason::CertificateSignMisplaced
        | Reason::PathLengthMisplaced
        | Reason::NameConstraintsMisplaced
        | Reason::NameConstraintsMalformed
        | Reason::PolicyDuplicate
        | Reason::PolicyMappingAny
        | Reason::AuthorityKeyIdentifierMissing
        | Reason::SubjectKeyIdentifierMissing => "証明書の形が、公的個人認証のきまりとちがいます",
        Reason::PolicyMissing
        | Reason::PolicyNotCritical
        | Reason::PolicyUnknown
        | Reason::KeyUsageMissing
        | Reason::KeyUsageNotCritical
        | Reason::KeyUsageInsufficient
        | Reason::KeyUsageExcessive
        | Reason::ExtendedKeyUsage
        | Reason::ExtendedKeyUsageMissing
        | Reason::ExtendedKeyUsageCriticality
        | Reason::ExtendedKeyUsagePurpose
        | Reason::SigningCertificate
        | Reason::CertificateAuthority => "個人の署名用電子証明書ではありません",
        Reason::PolicyEnvironment => "テスト用の証明書か、この図書館では使わない種類の証明書です",
        Reason::UserAuthenticationCertificate => "利用者証明用の電子証明書です。署名には使えません",
        Reason::HolderMissing | Reason::HolderMalformed => "証明書から氏名などを読み取れません",
        Reason::PolicyIssuer => "証明書の種類が、発行者と合いません",
        Reason::IssuerNotAuthority
        | Reason::CertificateSignMissing
        | Reason::IssuerPurpose
        | Reason::IssuerNotYetValid
        | Reason::IssuerExpired
        | Reason::PathTooLong
        | Reason::PathSearchLimit
        | Reason::NameExcluded
        | Reason::NameNotPermitted
        | Reason::NameConstraintUnsupported
        | Reason::PolicyRequired => "発行者までのつながりを確かめられません",
        Reason::IssuerUnknown => "知らない発行者の証明書です",
        Reason::IssuerSignature => "証明書が、発行者によるものではありません",
        Reason::AnchorNotYetValid
        | Reason::AnchorExpired
        | Reason::AnchorSignature
        | Reason::AnchorNotAuthority
        | Reason::AnchorKeyUsage => "ルート証明書が使えません",
        Reason::NotYetValid => "証明書の有効期間の前です",
        Reason::Expired => "証明書の有効期間が過ぎています",
        Reason::Revoked => "証明書は失効しています",
        Reason::EvidenceFile | Reason::EvidenceVerdict => "証拠書類の中身が、受付のときとちがいます",
        Reason::RevocationUnknown => "失効しているかどうかを確認できません",
        Reason::CrlMalformed
        | Reason::CrlVersion
        | Reason::CrlAlgorithm
        | Reason::CrlIssuerUnknown
        | Reason::CrlSignature
        | Reason::CrlNextUpdateMissing
        | Reason::CrlNumberMissing
        | Reason::CrlDelta
        | Reason::CrlIndirect
        | Reason::CrlScope
        | Reason::CrlUnknownCritical
        | Reason::CrlCriticality
        | Reason::CrlDuplicate
        | Reason::CrlIssuerKeyUsage
        | Reason::CrlNotYetMade
        | Reason::CrlStale => "失効リストが使えません",
        Reason::OcspMalformed
        | Reason::OcspMalformedRequest
        | Reason::OcspInternalError
        | Reason::OcspTryLater
        | Reason::OcspSignatureRequired
        | Reason::OcspUnauthorized
        | Reason::OcspType
        | Reason::OcspAlgorithm
        | Reason::OcspResponderUnknown
        | Reason::OcspResponderUnauthorized
        | Reason::OcspResponderExpired
        | Reason::OcspResponderRevoked
        | Reason::OcspSignature
        | Reason::OcspOtherCertificate
        | Reason::OcspOtherIssuer
        | Reason::OcspNonceMissing
        | Reason::OcspNonceMismatch
        | Reason::OcspUnknownCritical
        | Reason::OcspNotYetMade
        | Reason::OcspStale => "失効の確認への回答（OCSP）が使えません",
    }
}
