#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second verifier of evidence bundles, written from evidence-bundle.md alone: hashlib, json and `cryptography`.

usage: evidence_bundle_verifier.py FILE PUBLIC_KEY.pem      exit 0: everything holds; 1: something does not, and what
"""
import base64
import hashlib
import json
import re
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ALWAYS = {"READ-ME-FIRST.html", "alerts.jsonl", "audit.jsonl", "batches.jsonl", "checks.jsonl", "events.jsonl", "heads.jsonl",
          "incident.json", "keys.jsonl", "limits.jsonl", "registers.jsonl"}
BY_HASH = re.compile(r"rules/[0-9a-f]{64}\.yml|certificates/[0-9a-f]{64}\.pem")
MANIFEST_FIELDS = {"format", "form", "ori", "incident_id", "incident_number", "exported_by", "exported_role", "exported_at",
                   "purpose", "log_origin", "log_size", "log_root", "events", "withheld", "members"}
GONE, MASKED = {"deleted", "evicted", "expired", "redacted", "rejected"}, {"names_account", "unreadable"}


class Wrong(Exception):
    pass


def demand(holds, member, reason):
    if not holds:
        raise Wrong(f"{member}: {reason}")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def frame(*fields):
    out = b""
    for field in fields:
        field = field.to_bytes(8, "big") if isinstance(field, int) else field.encode() if isinstance(field, str) else field
        out += len(field).to_bytes(4, "big") + field
    return out


def signed(key, signature, claim):
    try:
        key.verify(signature, claim, ec.ECDSA(hashes.SHA256()))
        return True
    except InvalidSignature:
        return False


def key_of(spki):
    return serialization.load_der_public_key(base64.b64decode(spki, validate=True))


def spki_of(key):
    return base64.b64encode(key.public_bytes(serialization.Encoding.DER,
                                             serialization.PublicFormat.SubjectPublicKeyInfo)).decode()


# --- the container -----------------------------------------------------------------------------------------------------

def tar_header(name, size):
    header = bytearray(512)
    for at, text in ((0, name.encode()), (100, b"000444 "), (108, b"000000 "), (116, b"000000 "), (124, b"%011o " % size),
                     (136, b"00000000000 "), (148, b" " * 8), (156, b"0"), (257, b"ustar\x0000"), (329, b"000000 "),
                     (337, b"000000 ")):
        header[at:at + len(text)] = text
    header[148:156] = b"%06o\x00 " % sum(header)
    return bytes(header)


class Container:
    def __init__(self, data):
        self.data, self.at = data, 0

    def expect(self, name, what, expected):
        demand(self.data[self.at:self.at + len(expected)] == expected, name, f"byte {self.at} ff.: {what} is not as it must be")
        self.at += len(expected)

    def stated_size(self, name):
        digits = self.data[self.at + 124:self.at + 135]
        demand(re.fullmatch(rb"[0-7]{11}", digits), name, "the header gives no size")
        return int(digits, 8)

    def take(self, name, size):
        self.expect(name, "the header", tar_header(name, size))
        content = self.data[self.at:self.at + size]
        demand(len(content) == size, name, "the file ends within it")
        self.at += size
        self.expect(name, "the padding", bytes(-size % 512))
        return content

    def end(self):
        self.expect("end of file", "the closing zeros", bytes(1024))
        demand(self.at == len(self.data), "end of file", "bytes follow that belong to nothing")


def open_bundle(data, collector):
    container = Container(data)
    text = container.take("MANIFEST.json", container.stated_size("MANIFEST.json"))
    signature = container.take("MANIFEST.sig", container.stated_size("MANIFEST.sig"))
    demand(signature[-1:] == b"\n", "MANIFEST.sig", "does not end with a line feed")
    raw = base64.b64decode(signature[:-1], validate=True)
    demand(base64.b64encode(raw) == signature[:-1], "MANIFEST.sig", "is not canonical base64")
    demand(signed(collector, raw, frame("sallyport/1/evidence-bundle", text)), "MANIFEST.json or MANIFEST.sig",
           "the signature does not fit")
    manifest = json.loads(text)
    demand(set(manifest) == MANIFEST_FIELDS and manifest["format"] == "sallyport-evidence-bundle/1", "MANIFEST.json",
           "is of another format")
    names = [member["name"] for member in manifest["members"]]
    demand(names == sorted(set(names)) and ALWAYS <= set(names), "MANIFEST.json", "names are not in order, or one is missing")
    members = {}
    for member in manifest["members"]:
        name = member["name"]
        demand(name in ALWAYS or BY_HASH.fullmatch(name), "MANIFEST.json", "has a name that no member has")
        members[name] = container.take(name, member["size"])
        demand(sha(members[name]).hex() == member["sha256"], name, "its content is not what was signed")
    container.end()
    return manifest, members


def lines(members, name):
    content = members[name].decode()
    demand(not content or content.endswith("\n"), name, "does not end with a line feed")
    return [json.loads(line) for line in content.split("\n")[:-1]]


# --- RFC 6962, by the algorithms of RFC 9162 -----------------------------------------------------------------------------

def digests(texts):
    return [base64.b64decode(text, validate=True) for text in texts]


def included(leaf, index, size, proof, root):
    if index >= size:
        return False
    first, last, head = index, size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            head = sha(b"\x01", node, head)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            head = sha(b"\x01", head, node)
        first, last = first >> 1, last >> 1
    return last == 0 and head == root


def consistent(size1, root1, size2, root2, proof):
    if size1 == size2:
        return not proof and root1 == root2
    if not 0 < size1 < size2 or not proof:
        return False
    nodes = [root1] + proof if size1 & (size1 - 1) == 0 else proof
    first, last = size1 - 1, size2 - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = sha(b"\x01", node, old), sha(b"\x01", node, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = sha(b"\x01", new, node)
        first, last = first >> 1, last >> 1
    return old == root1 and new == root2 and last == 0


def open_note(note, collector):
    """A checkpoint: origin, size, root; signed by the collector under its key's id."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    key_id = sha(base64.b64decode(spki_of(collector)))[:4]
    for line in signatures.splitlines():
        dash, name, value = line.split(" ")
        raw = base64.b64decode(value, validate=True)
        if dash == "\u2014" and name == origin and raw[:4] == key_id:
            demand(signed(collector, raw[4:], text.encode()), "heads.jsonl", "a head's signature is wrong")
            return origin, int(size), base64.b64decode(root, validate=True)
    raise Wrong("heads.jsonl: a head is not signed by the key")


# --- what the lines say ------------------------------------------------------------------------------------------------

def check_heads(manifest, members, collector):
    size, root, last = manifest["log_size"], base64.b64decode(manifest["log_root"]), None
    for entry in lines(members, "heads.jsonl"):
        origin, *last = open_note(entry["note"], collector)
        demand(origin == manifest["log_origin"], "heads.jsonl", "a head of another log")
        demand(consistent(*last, size, root, digests(entry["consistency"])), "heads.jsonl", f"{entry['why']}: not consistent")
    demand(last == [size, root], "heads.jsonl", "the last head is not the manifest's")


def check_batches(members, collector):
    keys = {}
    for entry in lines(members, "keys.jsonl"):
        demand(entry["terminal"] != "collector", "keys.jsonl", "the collector's key is the one given")
        keys.setdefault(entry["terminal"], []).append(entry)
    batches, certified = {}, {}
    for entry in lines(members, "batches.jsonl"):
        where, header = f"batches.jsonl: batch {entry['batch']}", json.loads(entry["header"])
        name = (header["terminal"], header["instance"], header["key"], header["key_cert"])
        if name not in certified:
            claim, proof = frame("sallyport/1/batch-key", *name[:3]), base64.b64decode(name[3], validate=True)
            own = [{"public_key": spki_of(collector), "revoked_at": None}]
            candidates = own if name[0] == "collector" else keys.get(name[0], [])
            certified[name] = next((key for key in candidates if signed(key_of(key["public_key"]), proof, claim)), None)
        enrolled = certified[name]
        demand(enrolled, where, "no key of the terminal certifies its signer")
        last = header["first"] + header["count"] - 1
        claim = frame("sallyport/1/batch", header["terminal"], header["instance"], last, bytes.fromhex(header["head"]))
        demand(signed(key_of(header["key"]), base64.b64decode(header["sig"], validate=True), claim), where, "its signature is wrong")
        head = bytes.fromhex(header["previous"])
        if header["first"] == 1:
            genesis = sha(frame("sallyport/1/chain", header["terminal"], header["instance"], enrolled["public_key"]))
            demand(head == genesis, where, "does not begin at the genesis")
        leaves = [bytes.fromhex(leaf) for leaf in entry["leaves"]]
        for leaf in leaves:
            head = sha(head, leaf)
        demand(len(leaves) == header["count"] and head.hex() == header["head"], where, "its leaves do not lead to its head")
        demand(entry["batch"] not in batches, where, "is there twice")
        batches[entry["batch"]] = (header, leaves, enrolled["revoked_at"])
    return keys, batches


def check_events(manifest, members, batches):
    size, root, before, used, roles, withheld = manifest["log_size"], base64.b64decode(manifest["log_root"]), 0, set(), {}, 0
    for entry in lines(members, "events.jsonl"):
        where, leaf = f"events.jsonl: event {entry['event']}", bytes.fromhex(entry["leaf"])
        demand(entry["event"] > before, where, "is not in order")
        before, roles[entry["event"]] = entry["event"], entry["role"]
        demand(entry["role"] in ("evidence", "context"), where, "has no role")
        if "line" in entry:
            line = json.loads(entry["line"])
            demand(sha(b"\0", entry["line"].encode()) == leaf, where, "the line's hash is not its leaf")
            said = [line["terminal_id"], line["agent_instance"], line["seq"], line["type"]]
            demand(said == [entry["terminal"], entry["instance"], entry["seq"], entry["type"]], where, "is not what the line says")
            time = line["observed_at"] if line["occurred_at"] == "unknown" else line["occurred_at"]
            demand(time == entry["event_time"], where, "the time is not the line's")
        else:
            allowed = GONE | MASKED if manifest["form"] == "redacted" else GONE
            demand(entry["withheld"] in allowed, where, "is withheld for no reason")
            withheld += 1
        demand(entry["batch"] in batches, where, "no batch covers it")
        used.add(entry["batch"])
        header, leaves, revoked_at = batches[entry["batch"]]
        place = entry["seq"] - header["first"]
        demand([header["terminal"], header["instance"]] == [entry["terminal"], entry["instance"]] and 0 <= place < len(leaves)
               and leaves[place] == leaf, where, "is not in its batch")
        demand(revoked_at is None or entry["received_at"] <= revoked_at, where, "came after its key was revoked")
        demand(included(leaf, entry["index"], size, digests(entry["proof"]), root), where, "is not in the log")
    demand([len(roles), withheld] == [manifest["events"], manifest["withheld"]], "events.jsonl", "the manifest counts otherwise")
    demand(used == set(batches), "batches.jsonl", "a batch has no event")
    return roles, withheld


def check_rest(manifest, members, keys, roles):
    named, rules = set(), set()
    for entry in lines(members, "alerts.jsonl"):
        named |= set(entry["evidence"])
        rule = f"rules/{entry['rule_version']}.yml"
        demand(entry["rule_kept"] == (rule in members), "alerts.jsonl", "whether a rule is here is said wrongly")
        rules |= {rule} & set(members)
    demand(named == {event for event, role in roles.items() if role == "evidence"}, "alerts.jsonl",
           "does not rest on exactly the evidence that is here")
    for name, content in members.items():
        if name.startswith("rules/"):
            demand(name in rules and sha(content).hex() == name[6:70], name, "is no rule of an alert here")
        if name.startswith("certificates/"):
            certificate = x509.load_pem_x509_certificate(content)
            digest, key = certificate.fingerprint(hashes.SHA256()).hex(), spki_of(certificate.public_key())
            known = any(digest == entry["cert_sha256"] and key == entry["public_key"] for all in keys.values() for entry in all)
            demand(digest == name[13:77] and known, name, "is no certificate of a key here")
    incident = json.loads(members["incident.json"])
    demand([incident["incident_id"], incident["number"]] == [manifest["incident_id"], manifest["incident_number"]],
           "incident.json", "is another incident")


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1], "rb") as file, open(sys.argv[2], "rb") as key_file:
        data, collector = file.read(), serialization.load_pem_public_key(key_file.read())
    try:
        manifest, members = open_bundle(data, collector)
        check_heads(manifest, members, collector)
        keys, batches = check_batches(members, collector)
        roles, withheld = check_events(manifest, members, batches)
        check_rest(manifest, members, keys, roles)
    except Wrong as wrong:
        print(f"NOT verified: {wrong}")
        return 1
    except Exception as failure:  # whatever cannot be read is not evidence
        print(f"NOT verified: {type(failure).__name__}: {failure}")
        return 1
    print(f"verified: incident {manifest['incident_number']}, {len(roles)} lines proven, {withheld} withheld")
    return 0


sys.exit(main())
