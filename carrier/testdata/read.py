"""Reads a mail with Python's own parser and prints each part that is no
container: its decoded name and the SHA-256 of its bytes."""
import email, email.policy, hashlib, sys

message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
for part in message.walk():
    if part.is_multipart():
        continue
    body = part.get_payload(decode=True)
    print(hashlib.sha256(body).hexdigest(), part.get_filename() or "")
