"""Examples of bodies, shown in the server's own description. All people and places are invented."""

from typing import Any

_DEVICE = "0190f5fe-7c1e-7000-8000-00000000d001"
_COMMAND = "0190f5fe-7c1e-7000-8000-00000000c001"
_APPEAL = "0190f5fe-7c1e-7000-8000-00000000a001"

EXAMPLES: dict[str, dict[str, Any]] = {
    "SignIn": {
        "operator": {
            "value": {
                "name": "sokolova",
                "password": "a long passphrase",
                "device": _DEVICE,
                "device_name": "desk 4",
            }
        }
    },
    "PasswordChange": {"usual": {"value": {"old": "a long passphrase", "new": "another long passphrase"}}},
    "SsoStart": {"usual": {"value": {"device": _DEVICE, "device_name": "desk 4"}}},
    "SsoPoll": {"usual": {"value": {"handle": "kT4…", "device": _DEVICE}}},
    "Refresh": {"usual": {"value": {"refresh_token": "4Zt…", "device": _DEVICE}}},
    "Hello": {"usual": {"value": {"device": _DEVICE, "app_version": "0.1.0", "schema": 1}}},
    "CommandBatch": {
        "claim": {
            "summary": "Take an appeal into work",
            "value": {
                "device": _DEVICE,
                "commands": [
                    {
                        "id": _COMMAND,
                        "dseq": 1,
                        "type": "claim",
                        "appeal": _APPEAL,
                        "base": 1,
                        "device_at": "2026-11-20T09:15:00Z",
                        "arguments": {},
                    }
                ],
            },
        },
        "classify": {
            "summary": "State what it is about",
            "value": {
                "device": _DEVICE,
                "commands": [
                    {
                        "id": _COMMAND,
                        "dseq": 2,
                        "type": "classify",
                        "appeal": _APPEAL,
                        "base": 2,
                        "device_at": "2026-11-20T09:16:00Z",
                        "arguments": {"block": "housing", "tone": "negative"},
                    }
                ],
            },
        },
    },
    "ImportFile": {
        "pos": {"value": {"id": _COMMAND, "name": "pos-2026-11.xlsx", "size": 48_213, "sha256": "9f" * 32}}
    },
    "ImportOptions": {
        "dry_run": {"value": {"dry_run": True}},
        "confirmed": {
            "value": {"dry_run": False, "aliases": {"authority": {"Комитет транспорта": "kursk_transport"}}}
        },
    },
    "QuarantineAct": {
        "mended": {"value": {"cells": ["327441806", "21.11.2026", "Нет света в подъезде"]}},
        "set_aside": {"value": {"set_aside": "Строка с итогами, не сообщение"}},
    },
    "IncidentDismissal": {
        "usual": {"value": {"reason": "Three streets, three causes: nothing that they have in common"}}
    },
    "Receipt": {
        "delivered": {"value": {"status": "delivered", "external_ref": "out-2026-11-20/17"}},
        "failed": {"value": {"status": "failed", "reason": "No such mailbox"}},
    },
    "SavedCut": {
        "usual": {
            "value": {
                "id": "0190f5fe-7c1e-7000-8000-00000000e001",
                "title": "Late answers by block and month",
                "cut": {"rows": "block", "columns": "done_month", "measure": "late", "basis": "done"},
                "schedule": {"every": "cur_week", "at": "09:00", "formats": ["xlsx"], "recipients": []},
            }
        }
    },
    "Disclosure": {"usual": {"value": {"reason": "Личный приём 24.11: звонок заявителю"}}},
    "NextRequest": {
        "block": {"value": {"id": _COMMAND, "device": _DEVICE, "query": "block:housing priority:emergency"}}
    },
    "SheetRequest": {"new": {"value": {"only_new": True}}},
    "Problem": {
        "claimed": {
            "value": {
                "type": "urn:cur:problem:claimed_by_other",
                "title": "Обращение INC-20261120-0007 держит Соколова А. П. Возьмите другое.",
                "status": 409,
                "detail": "Обращение INC-20261120-0007 держит Соколова А. П. Возьмите другое.",
                "code": "claimed_by_other",
                "params": {"number": "INC-20261120-0007", "holder": "Соколова А. П."},
                "detail_ru": "Обращение INC-20261120-0007 держит Соколова А. П. Возьмите другое.",
                "detail_en": "Appeal INC-20261120-0007 is held by Соколова А. П. Take another one.",
            }
        }
    },
}
