"""How often may somebody try: rows per account and device, and coarsely per network.

Only tries that are evaluated are counted, so a full bucket empties by itself. A browser that has signed in before
has a bucket of its own: whoever guesses from elsewhere does not shut the owner out.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mentorlink.accounts.keys import keys
from mentorlink.accounts.models import Attempt
from mentorlink.core.db import lock_keys

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_NETWORK = 200  # phones share addresses
LOCK_SPACE = 7301
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Bucket:
    key: str
    most: int


def buckets_for(
    what: str, account: str, *, address: str | None = None, device: str | None = None
) -> list[Bucket]:
    """The buckets that one try fills: the device's own, or else the account's and the network's."""
    name = keys().device_of(device, account) if device else None
    if name is not None:
        return [Bucket(keys().digest(what, "device", name, account), PER_ACCOUNT)]
    found = [Bucket(keys().digest(what, "account", account), PER_ACCOUNT)]
    if address:
        found.append(Bucket(keys().digest("network", _network(address)), PER_NETWORK))
    return found


def count_attempt(session: Session, buckets: list[Bucket], *, now: datetime) -> bool:
    """Count one try; False, and nothing counted, where one of the buckets is full."""
    lock_keys(session, LOCK_SPACE, [int(bucket.key[:7], 16) for bucket in buckets])
    if any(_filled(session, bucket.key, now) >= bucket.most for bucket in buckets):
        return False
    for bucket in buckets:
        session.execute(delete(Attempt).where(Attempt.key == bucket.key, Attempt.at < now - KEPT))
        session.add(Attempt(key=bucket.key, at=now))
    session.flush()
    return True


def _filled(session: Session, key: str, now: datetime) -> int:
    query = select(func.count()).where(Attempt.key == key, Attempt.at > now - WINDOW)
    return session.scalar(query) or 0


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))
