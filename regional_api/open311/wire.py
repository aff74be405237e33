"""The documents of GeoReport v2, member by member as the standard names them."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class Open311Endpoint(Struct, frozen=True):
    """One endpoint that a discovery document leads to."""

    specification: str
    url: str
    changeset: str
    type: str
    formats: tuple[str, ...]


class Open311Discovery(Struct, frozen=True):
    """Where the endpoints are, whom to ask, and when anything of it changed."""

    changeset: str
    contact: str
    key_service: str
    endpoints: tuple[Open311Endpoint, ...]


class Open311Service(Struct, frozen=True):
    """One kind of request."""

    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: Literal["realtime", "batch"]
    keywords: str
    group: str


class Open311Value(Struct, frozen=True):
    """What may be chosen."""

    key: str
    name: str


class Open311Attribute(Struct, frozen=True, kw_only=True):
    """One question of a service."""

    variable: bool = True
    code: str
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool = False
    datatype_description: str = ""
    order: int
    description: str
    values: tuple[Open311Value, ...]


class Open311Definition(Struct, frozen=True):
    """The questions of a service."""

    service_code: str
    attributes: tuple[Open311Attribute, ...]


class Open311Created(Struct, frozen=True):
    """What a submitted request is answered with: its id, or a token for it."""

    service_request_id: str | UnsetType = UNSET
    token: str | UnsetType = UNSET
    service_notice: str = ""
    account_id: str | None = None


class Open311Token(Struct, frozen=True):
    """The request behind a token."""

    service_request_id: str
    token: str


class Open311Request(Struct, frozen=True, kw_only=True):
    """A request as anybody may read it. What could tell of a person is always null."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_name: str
    service_code: str
    description: None = None
    agency_responsible: str | None
    service_notice: None = None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    """The municipality."""
    address_id: None = None
    zipcode: None = None
    lat: float | None
    long: float | None
    media_url: None = None


class Open311Error(Struct, frozen=True):
    """Why something was refused."""

    code: int
    description: str
