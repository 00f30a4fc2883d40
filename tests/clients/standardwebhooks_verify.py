"""Verifies webhooks with the library of others: lines of {secret, headers, body, isGenuine}, each of which has to be taken,
or refused, as it says."""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

count = 0
for line in sys.stdin:
    call = json.loads(line)
    try:
        Webhook(call["secret"]).verify(call["body"], call["headers"])
        taken = True
    except WebhookVerificationError as error:
        taken = False
        if call["isGenuine"]:
            print(error, file=sys.stderr)
    if taken != call["isGenuine"]:
        sys.exit(1)
    count += 1
print(count)
