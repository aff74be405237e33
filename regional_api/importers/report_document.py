"""The report of an import for programs."""

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
        "unmatched": [
            {
                "kind": label.kind,
                "label": label.label,
                "rows": label.rows,
                "code": label.code,
                "name": label.name,
                "likeness": label.likeness,
            }
            for label in report.unmatched
        ],
        "first_numbers": report.numbers,
    }
