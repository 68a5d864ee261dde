"""Reads and writes mails with Python's email package.

mails.py read: standard input has the path of a mail on each line; standard
output has for each a line of JSON, what the header says and the leaves found.

mails.py write: standard input is JSON, a list of {"way", "name", "file"}, the
file in base64; standard output has for each the mail, in base64, on a line.
"""
import base64
import email
import email.message
import email.policy
import json
import sys


def parse(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def leaves(message):
    """The parts that have no parts, with what lies in attached mails."""
    for part in message.walk():
        encoded = part.get("Content-Transfer-Encoding", "").strip().lower() == "base64"
        if part.get_content_maintype() == "message" and part.is_multipart() and encoded:
            inner = part.get_payload(0).get_payload()  # the package leaves it encoded, against RFC 2046
            if isinstance(inner, str):
                yield from leaves(parse(base64.b64decode(inner)))
        elif not part.is_multipart():
            name, body = part.get_filename(), part.get_payload(decode=True)
            yield name, body
            if name and name.lower().endswith(".eml"):
                yield from leaves(parse(body))


def sender(message):
    field = message["From"]
    if field is None or not field.addresses:
        return "", ""
    return field.addresses[0].addr_spec, field.addresses[0].display_name


def described(raw):
    message = parse(raw)
    address, name = sender(message)
    date = message["Date"]
    return {
        "from": address,
        "fromName": name,
        "subject": message["Subject"] or "",
        "messageID": (message["Message-ID"] or "").strip(" <>"),
        "date": int(date.datetime.timestamp()) if date and date.datetime else 0,
        "leaves": [{"name": n or "", "body": base64.b64encode(b).decode()} for n, b in leaves(message)],
    }


def written(way, name, file):
    """A mail with the file attached, the way of writing given by its name."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "Jane Doe <jane@example.org>", "help@example.org", "Hilfe – bitte"
    mail.set_content("Grüße\n")
    encoding, _, around = way.partition(" ")
    if encoding == "text":
        mail.add_attachment(file.decode("utf-8"), subtype="xml", filename=name, cte="quoted-printable")
    elif encoding == "inline":
        mail.add_related(file, "application", "octet-stream", disposition="inline", filename=name)
    else:
        mail.add_attachment(file, "application", "octet-stream", filename=name, cte=encoding)
    if around == "alternative":
        mail.get_body().add_alternative("<p>Grüße", subtype="html")
    for _ in range({"forwarded": 1, "twice": 2}.get(around, 0)):
        outer = email.message.EmailMessage(policy=email.policy.SMTP)
        outer["From"], outer["Subject"] = "desk@example.org", "Fwd: Hilfe"
        outer.set_content("see below")
        outer.add_attachment(mail)
        mail = outer
    return mail.as_bytes()


def main():
    if sys.argv[1:] == ["read"]:
        for path in sys.stdin:
            with open(path.rstrip("\n"), "rb") as f:
                print(json.dumps(described(f.read())))
    elif sys.argv[1:] == ["write"]:
        for wish in json.load(sys.stdin):
            raw = written(wish["way"], wish["name"], base64.b64decode(wish["file"]))
            print(base64.b64encode(raw).decode())
    else:
        sys.exit(__doc__)


main()
