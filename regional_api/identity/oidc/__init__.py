"""Signing in through the region's identity provider: OpenID Connect with the device flow (RFC 8628)."""
