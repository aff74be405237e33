"""The report of an import for programs."""

from dataclasses import asdict

from regional_api.importers.run import Report


def document(report: Report) -> dict[str, object]:
    """The report as JSON. ``rows`` names at most a hundred bad ones; the quarantine has them all."""
    return {
        "source": report.form,
        "total": report.rows,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "quarantined": report.quarantined,
        "mended": report.mended,
        "set_aside": report.set_aside,
        "repeated": report.repeated,
        "text_kept": report.text_kept,
        "fields": dict(report.fields),
        "changes": [
            {"row": settled.row, "number": settled.number, "fields": list(settled.fields)}
            for settled in report.changes
        ],
        "rows": [{"row": bad.row, "column": bad.column, "reason": bad.reason} for bad in report.bad],
        "quarantine": str(report.quarantine) if report.quarantine is not None else None,
        "unknown": [{"column": column, "word": word, "rows": rows} for column, word, rows in report.unknown],
        "unmatched": [asdict(label) for label in report.unmatched],
        "confirmed": [asdict(label) for label in report.confirmed],
        "first_numbers": report.numbers,
    }
