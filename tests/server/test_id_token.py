"""Tokens that a provider never gave: each is refused for the one thing that is wrong with it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from regional_api.identity.oidc.id_token import LEEWAY, MAX_AGE, TokenError, claims_of

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
T = int(NOW.timestamp())
ISSUER, CLIENT, NONCE = "https://login.amur.example", "regional-api", "n-0S6_WzA2Mj"
CLAIMS = {"iss": ISSUER, "sub": "zarechnaya", "aud": CLIENT, "exp": T + 300, "iat": T, "nonce": NONCE}

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(algorithm: type[Any], key: Any, kid: str, **more: str) -> dict[str, Any]:
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig", **more}


KEYS = {
    "keys": [
        jwk(jwt.algorithms.RSAAlgorithm, RSA, "r"),
        jwk(jwt.algorithms.ECAlgorithm, EC, "e"),
        jwk(jwt.algorithms.OKPAlgorithm, ED, "d"),
    ]
}


def read(token: str, keys: dict[str, Any] | None = None, *, needs_nonce: bool = True) -> dict[str, Any]:
    return claims_of(
        token,
        keys or KEYS,
        issuer=ISSUER,
        client_id=CLIENT,
        nonce=NONCE,
        needs_nonce=needs_nonce,
        now=NOW,
    )


def token(
    key: Any = RSA, algorithm: str = "RS256", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    merged = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(merged, key, algorithm, headers=header or {"kid": "r"})


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [(RSA, "RS256", "r"), (RSA, "PS512", "r"), (EC, "ES256", "e"), (ED, "EdDSA", "d")],
)
def test_a_token_of_the_provider_is_read(key: Any, algorithm: str, kid: str) -> None:
    assert read(token(key, algorithm, {"kid": kid}))["sub"] == "zarechnaya"


def unsigned(algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': 'r'})}.{part(CLAIMS)}."


def signed_with_the_public_key(encoding: Encoding, shape: PublicFormat) -> Callable[[], str]:
    """The old trick: what everybody may read is taken for a shared secret."""

    def make() -> str:
        secret = RSA.public_key().public_bytes(encoding, shape)
        signed = f"{part({'alg': 'HS256', 'kid': 'r'})}.{part(CLAIMS)}"
        mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    return make


def altered() -> str:
    head, _, signature = token().split(".")
    return f"{head}.{part(CLAIMS | {'sub': 'polev'})}.{signature}"


FORGED: dict[str, tuple[Callable[[], str], str]] = {
    "alg none": (lambda: unsigned("none"), "alg"),
    "alg None": (lambda: unsigned("None"), "alg"),
    "alg missing": (lambda: f"{part({'kid': 'r'})}.{part(CLAIMS)}.", "alg"),
    "HS256 with the PEM": (
        signed_with_the_public_key(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "alg",
    ),
    "HS256 with the DER": (
        signed_with_the_public_key(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "alg",
    ),
    "another's key": (lambda: token(STRANGER), "InvalidSignatureError"),
    "altered": (altered, "InvalidSignatureError"),
    "unknown key": (lambda: token(header={"kid": "x"}), "kid"),
    "key of another kind": (lambda: token(header={"kid": "e"}), "kid"),
    "key in the header": (
        lambda: token(STRANGER, header={"kid": "x", "jwk": jwk(jwt.algorithms.RSAAlgorithm, STRANGER, "x")}),
        "kid",
    ),
    "no token": (lambda: "дрянь", "header"),
    "empty": (lambda: "", "header"),
    "another issuer": (lambda: token(iss="https://login.amur.example/"), "InvalidIssuerError"),
    "for somebody else": (lambda: token(aud="another"), "InvalidAudienceError"),
    "for several, of whom another asked": (lambda: token(aud=[CLIENT, "b"], azp="b"), "azp"),
    "for several, nobody asked": (lambda: token(aud=[CLIENT, "b"]), "azp"),
    "another asked": (lambda: token(azp="b"), "azp"),
    "expired": (lambda: token(exp=T - LEEWAY), "exp"),
    "no end": (lambda: token(exp=None), "MissingRequiredClaimError"),
    "end that is no time": (lambda: token(exp="завтра"), "exp"),
    "of tomorrow": (lambda: token(iat=T + LEEWAY + 1), "iat"),
    "stale": (lambda: token(iat=T - MAX_AGE - 1), "iat"),
    "not yet": (lambda: token(nbf=T + LEEWAY + 1), "nbf"),
    "another nonce": (lambda: token(nonce="x"), "nonce"),
    "no nonce": (lambda: token(nonce=None), "nonce"),
    "nobody": (lambda: token(sub=None), "MissingRequiredClaimError"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(name: str) -> None:
    make, reason = FORGED[name]
    with pytest.raises(TokenError) as caught:
        read(make())
    assert str(caught.value) == reason


def test_a_provider_that_repeats_no_nonce_may_give_none_but_not_another() -> None:
    assert read(token(nonce=None), needs_nonce=False)
    for wrong in ("x", "", 0, False):
        with pytest.raises(TokenError):
            read(token(nonce=wrong), needs_nonce=False)


def test_the_clock_may_differ_by_a_little() -> None:
    assert read(token(exp=T - LEEWAY + 1))
    assert read(token(iat=T + LEEWAY))


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": "x"},
        {"keys": [None, 1, {}]},
        {"keys": [*KEYS["keys"], KEYS["keys"][0]]},
        {"keys": [{**KEYS["keys"][0], "use": "enc"}]},
        {"keys": [{**KEYS["keys"][0], "alg": "RS512"}]},
        {"keys": [{**KEYS["keys"][0], "n": "!"}]},
        {"keys": [{"kty": "RSA", "kid": "r"}]},
        {"keys": [{"kty": "oct", "kid": "r", "k": "c2VjcmV0"}]},
    ],
)
def test_published_keys_that_do_not_fit_prove_nothing(keys: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        read(token(), keys or {"none": []})
