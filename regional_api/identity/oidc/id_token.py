"""The ID token: who has signed in, by a signature of the provider and meant for us, now, for this sign-in.

Accepted are asymmetric signatures only, each by a key of its own kind. A token without an algorithm, or one
whose shared secret would be the provider's public key, has nothing to be checked with.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import jwt

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
LEEWAY: Final = 60
"""Seconds that the provider's clock may differ."""
MAX_AGE: Final = 600
"""Seconds since it was issued: it came straight from the provider, so it is fresh or wrong."""


class TokenError(Exception):
    """A token that proves nothing; the text is a code for the log and quotes nothing of it."""


def claims_of(
    token: str,
    keys: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    needs_nonce: bool,
    now: datetime,
) -> dict[str, Any]:
    """The claims of ``token``, checked against the provider's published ``keys`` (RFC 7517).

    A nonce that is there must be ours; whether one must be there depends on the provider. What ties a token
    without one to this sign-in is the device code that it was fetched with. Raises :class:`TokenError`.
    """
    key = _key_of(token, keys)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                # Checked below, by the clock that decides everything here.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise TokenError(type(error).__name__) from None
    _check_times(claims, now.timestamp())
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client_id:
        raise TokenError("azp")
    if claims.get("azp", client_id) != client_id:
        raise TokenError("azp")
    if claims.get("nonce", None if needs_nonce else nonce) != nonce:
        raise TokenError("nonce")
    return claims


def _check_times(claims: Mapping[str, Any], instant: float) -> None:
    for name in ("exp", "iat"):
        if isinstance(claims[name], bool) or not isinstance(claims[name], int | float):
            raise TokenError(name)
    if claims["exp"] + LEEWAY <= instant:
        raise TokenError("exp")
    if not instant - MAX_AGE <= claims["iat"] <= instant + LEEWAY:
        raise TokenError("iat")
    begins = claims.get("nbf", instant)
    if not isinstance(begins, int | float) or begins > instant + LEEWAY:
        raise TokenError("nbf")


def _key_of(token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError):
        raise TokenError("header") from None
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise TokenError("alg")
    listed = keys.get("keys")
    fitting = [key for key in listed if _fits(key, header, algorithm)] if isinstance(listed, list) else []
    if len(fitting) != 1:
        # None: the provider has not published it. Several: which of them is meant would be a guess.
        raise TokenError("kid")
    try:
        return jwt.PyJWK(fitting[0], algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise TokenError("jwk") from None


_KINDS: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def _fits(key: object, header: Mapping[str, Any], algorithm: str) -> bool:
    """Whether a published key is the one that the token names, of the algorithm's kind and for signatures."""
    if not isinstance(key, dict):
        return False
    return (
        key.get("kty") == _KINDS[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and ("kid" not in header or key.get("kid") == header["kid"])
    )
