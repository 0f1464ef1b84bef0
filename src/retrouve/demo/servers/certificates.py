"""An authority of one's own and a server's certificate by it, good for a day on a private address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LASTS = timedelta(days=30)


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files."""

    authority: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path, address: str, *, valid_from: datetime | None = None) -> Certificates:
    """For a server at `address`, a number. `valid_from` in the past makes one that has expired."""
    folder.mkdir(parents=True, exist_ok=True)
    begins = valid_from or datetime.now(UTC) - timedelta(hours=1)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorité d’essai")])
    of_authority = described(authority, authority, authority_key, begins).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    of_server = described(x509.Name([]), authority, key, begins).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=True
    )
    made = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    made.authority.write_bytes(pem(of_authority.sign(authority_key, hashes.SHA256())))
    made.certificate.write_bytes(pem(of_server.sign(authority_key, hashes.SHA256())))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


def described(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + LASTS)
    )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
