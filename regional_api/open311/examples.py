"""The form of a request as the server describes it, with an example. People and places are invented."""

from typing import Any, Final

from regional_api.open311.form import MEDIA_TYPE

_TEXTS: Final = {
    "api_key": "the key of the application",
    "jurisdiction_id": "may be left out: there is only one here",
    "service_code": "from the list of services",
    "lat": "latitude, WGS84; with `long` one of the ways to say where",
    "long": "longitude, WGS84",
    "address_string": "where, in words; another way to say where",
    "address_id": "the code of an address in a register; a third way to say where",
    "description": "what is the matter, up to 4,000 characters",
    "last_name": "personal data: never shown by Open311",
    "first_name": "personal data: never shown by Open311",
    "phone": "personal data: never shown by Open311",
    "email": "personal data: never shown by Open311",
    "account_id": "where the platform can leave an answer; kept as evidence only",
    "device_id": "kept as evidence only",
    "media_url": "a link for people to judge; nothing ever follows it",
}
_EXAMPLE: Final = {
    "api_key": "4Zt…",
    "service_code": "roads.potholes",
    "lat": "50.2716",
    "long": "127.5402",
    "address_string": "ул. Садовая, 5",
    "description": "Яма посреди дороги, объезжают по встречной",
    "attribute[municipality]": "blagoveshchensk",
}

FORM_DESCRIBED: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "properties": {
                    name: {"type": "string", "description": text} for name, text in _TEXTS.items()
                },
                "required": ["api_key", "service_code"],
                # attribute[code]=value
                "additionalProperties": {"type": "string"},
            },
            "examples": {"pothole": {"value": _EXAMPLE}},
        }
    },
}
"""The body of a submitted request, for the description of its route."""
