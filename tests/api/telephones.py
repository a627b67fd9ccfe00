"""Two telephones, and what Twilio posts of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

PUBLIC, TOKEN = "https://tocsin.example.com", "12345678901234567890123456789012"
ANNA, BEN = "+491701234567", "+491707654321"
ACCOUNT = {"account": "AC" + "0" * 32, "password": TOKEN, "sender": "+15005550006"}
TO = {"sms": "endpoint/payments/anna-phone", "voice": "person/payments/ben/voice"}


def signed(url: str, form: dict[str, str], token: str = TOKEN) -> tuple[bytes, dict[str, str]]:
    """A request as Twilio makes it: the documented signature over its address and the sorted fields."""
    content = url + "".join(name + form[name] for name in sorted(form))
    mac = hmac.new(token.encode(), content.encode(), hashlib.sha1).digest()
    headers = {"X-Twilio-Signature": base64.b64encode(mac).decode()}
    return urlencode(form).encode(), headers | {"Content-Type": "application/x-www-form-urlencoded"}
