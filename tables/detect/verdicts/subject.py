"""What a message is about, in words."""

from __future__ import annotations

from streams.documents.rule import Rule


def subject(rule: Rule, labels: dict[str, str]) -> str:
    """`slow on gw (path /a):`, or the name of what cannot be reached."""
    if rule.condition.unreachable:
        return labels.get(rule.condition.unreachable, rule.condition.unreachable)
    about = ", ".join(f"{name} {text}" for name, text in sorted(labels.items()) if name != "gateway")
    return f"{rule.name} on {labels.get('gateway', '?')}" + (f" ({about})" if about else "") + ":"
