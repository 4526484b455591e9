"""What is derived from the secret key: hashed limit keys, device marks and the encryption of TOTP secrets."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken


class Keys:
    def __init__(self, secret_key: str):
        self._mac_key = hashlib.sha256(b"mentorlink accounts\0" + secret_key.encode()).digest()
        totp_key = hashlib.sha256(b"mentorlink totp\0" + secret_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(totp_key))

    def digest(self, *parts: str) -> str:
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._mac_key, text, hashlib.sha256).hexdigest()

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str | None:
        """None where another secret key wrote it."""
        try:
            return self._fernet.decrypt(text.encode()).decode()
        except InvalidToken:
            return None

    def new_device_mark(self, email: str) -> str:
        """For the cookie of a browser that this account has signed in with."""
        name = secrets.token_urlsafe(16)
        return f"{name}.{self.digest('device', name, email)}"

    def device_of(self, mark: str | None, email: str) -> str | None:
        """The device's name, if the mark is ours and was given for this account."""
        name, _, proof = (mark or "").partition(".")
        genuine = hmac.compare_digest(proof.encode(), self.digest("device", name, email).encode())
        return name if name and genuine else None


_keys: Keys | None = None


def configure(secret_key: str) -> None:
    """Set once per process by the wiring."""
    global _keys  # noqa: PLW0603 — one key per process, set by the wiring
    _keys = Keys(secret_key)


def keys() -> Keys:
    if _keys is None:
        raise RuntimeError("accounts.keys.configure() was not called")
    return _keys
