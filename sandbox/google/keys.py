"""The service account's key, and whether something was signed with it."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS = 2048


def new_key() -> str:
    """A private key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode()


def claims(assertion: str, private_key: str, key_id: str) -> dict[str, Any]:
    """What the JSON Web Token (RS256) says; ``ValueError`` when it is none, or not signed with that key."""
    signed, _, signature = assertion.rpartition(".")
    header, payload = (_part(each) for each in signed.split("."))
    if header.get("alg") != "RS256" or header.get("kid") != key_id:
        raise ValueError("it is signed with another kind of key")
    key = serialization.load_pem_private_key(private_key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101 - it is our own
    try:
        key.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise ValueError("it is signed with another key") from error
    return payload


def _part(text: str) -> dict[str, Any]:
    found = json.loads(_decoded(text))
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - as for all else that is odd about it
    return found


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
