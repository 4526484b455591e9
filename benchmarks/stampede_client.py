"""One of the stampede's clients: reads its attempts, says that it is ready, waits for the word, counts the answers.

It knows nothing of the product but its addresses, so that it starts at once and takes little of the machine.
"""

import http.client
import json
import sys
from collections import Counter
from typing import Any
from urllib.parse import urlencode


def attempt_all(port: int, csrf: str, attempts: list[dict[str, Any]]) -> Counter[int]:
    """One POST each over one connection that is kept; answers by status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    answers: Counter[int] = Counter()
    for attempt in attempts:
        form = urlencode({"slot": attempt["slot_id"], "csrf_token": csrf})
        headers = {
            "Cookie": f"mentorlink={attempt['token']}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", f"/my/slots/{attempt['offer_id']}/choice", form, headers)
        answer = connection.getresponse()
        answer.read()
        answers[answer.status] += 1
    connection.close()
    return answers


if __name__ == "__main__":
    share = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(attempt_all(**share)))
