"""Tokens and results as people read them: one line, a table, HTML. Claims are foreign text: everything is quoted, so
that no claim can pass itself off as another line or as markup."""

_TIMES = ("iat", "exp", "nbf")
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def time(name, seconds):
    """An aware UTC datetime; None for none."""
    if seconds is None:
        return None
    from datetime import datetime, timedelta, timezone

    try:
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("%s: %d seconds since 1970 is beyond what a datetime can show" % (name, seconds)) from None


def moment(name, milliseconds):
    """An aware UTC datetime of milliseconds since 1970; None for 0."""
    return time(name, milliseconds / 1000) if milliseconds else None


def _time_in_words(seconds):
    from time import time as now

    try:
        text = time("time", seconds).strftime("%Y-%m-%d %H:%M:%S UTC")
    except ValueError:
        return str(seconds)
    away = int(seconds - now())
    for size, unit in _UNITS:
        if abs(away) >= size:
            count = abs(away) // size
            words = "%d %s%s" % (count, unit, "" if count == 1 else "s")
            return "%s (%s)" % (text, "in " + words if away > 0 else words + " ago")
    return text + " (now)"


def word(validated):
    return "verified" if validated else "UNVERIFIED"


def _quoted(value):
    import json

    return json.dumps(value)


def line(kind, validated, claims):
    """For repr(): begins with the one thing that matters."""
    parts = ["%s=%s" % (label, _quoted(claims[name])) for label, name in _LINE if name in claims]
    if isinstance(claims.get("exp"), (int, float)):
        parts.append("exp=" + _quoted(_time_in_words(claims["exp"])))
    return "%s %s(%s)" % (word(validated), kind, ", ".join(parts))


_LINE = (("type", "x-ms-attestation-type"), ("iss", "iss"))


def _rows(value, depth, rows):
    for name, item in value.items():
        label = "  " * depth + (name if name.isprintable() else _quoted(name))
        if isinstance(item, dict) and item:
            rows.append((label, ""))
            _rows(item, depth + 1, rows)
        elif name in _TIMES and isinstance(item, (int, float)) and not isinstance(item, bool):
            rows.append((label, _time_in_words(item)))
        else:
            rows.append((label, _quoted(item)))
    return rows


def table(kind, validated, sections):
    """For pretty(): `sections` are (title, object)."""
    lines = ["%s %s" % (word(validated), kind)]
    for title, value in sections:
        rows = _rows(value, 1, [])
        width = max((len(label) for label, _ in rows), default=0)
        lines.append(title)
        lines += [("  %-*s  %s" % (width, label, text)).rstrip() for label, text in rows]
    return "\n".join(lines)


def html(kind, validated, sections):
    """For notebooks."""
    from html import escape

    parts = ["<table><caption><b>%s</b> %s</caption>" % (word(validated), escape(kind))]
    for title, value in sections:
        parts.append('<tr><th colspan="2">%s</th></tr>' % escape(title))
        for label, text in _rows(value, 0, []):
            indent = "&nbsp;" * (len(label) - len(label.lstrip(" ")))
            parts.append("<tr><td>%s%s</td><td><code>%s</code></td></tr>" % (indent, escape(label.strip()), escape(text)))
    return "".join(parts) + "</table>"
