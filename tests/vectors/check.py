"""Derives every value of the published vectors from wire.md, with nothing but Python's standard library. The statuses of
problems alone stand here once more."""

import base64
import hashlib
import json
import sys

# P-256 (FIPS 186-4, D.1.2.3).
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
# Everything of a SubjectPublicKeyInfo before the coordinates.
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(value):
    """RFC 8785 for what the contract has: objects, lists, texts, whole numbers, truths. Keys are ASCII."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def set_digest(apps):
    apps = sorted(apps, key=lambda app: app["id"].encode())
    digests = [hashlib.sha256(canonical(app).encode()).digest() for app in apps]
    return sha256(b"".join(digests))


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(factor, point):
    out = None
    while factor:
        if factor & 1:
            out = add(out, point)
        point = add(point, point)
        factor >>= 1
    return out


def verifies(spki, message, signature):
    if spki[: len(SPKI)] != SPKI or len(spki) != len(SPKI) + 64 or len(signature) != 64:
        return False
    x, y = (int.from_bytes(spki[-64:][at : at + 32], "big") for at in (0, 32))
    r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
    if (y * y - x * x * x + 3 * x - B) % P or not (0 < r < N and 0 < s < N):
        return False
    hashed = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, N)
    point = add(times(hashed * inverse % N, G), times(r * inverse % N, (x, y)))
    return point is not None and point[0] % N == r


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check_canonical(vectors):
    for vector in vectors:
        written = canonical(json.loads(vector["given"]))
        assert vector["written"] == written, vector["name"]
        assert vector["sha256"] == sha256(written.encode()), vector["name"]


def check_sets(vectors):
    for vector in vectors:
        assert vector["digest"] == set_digest(vector["apps"]), vector["name"]


def check_chain(vectors):
    previous = None
    for sequence, vector in enumerate(vectors, 1):
        report = json.loads(vector["body"])
        assert vector["sha256"] == sha256(vector["body"].encode()), sequence
        assert (report["sequence"], report.get("previous")) == (sequence, previous), sequence
        facts, inventory = report["facts"], report["inventory"]
        if "value" in facts:
            assert facts["digest"] == sha256(canonical(facts["value"]).encode()), sequence
        if "apps" in inventory:
            assert inventory["digest"] == set_digest(inventory["apps"]), sequence
        previous = vector["sha256"]


def check_indicators(vectors):
    buckets = [[] for _ in vectors["buckets"]]
    bits = len(buckets).bit_length() - 1
    for vector in vectors["entries"]:
        hashed = hashlib.sha256(vector["kind"].encode() + b"\0" + vector["value"].encode()).digest()
        entry = hashed[:10] + vector["classification"].to_bytes(2, "big")
        bucket = int.from_bytes(hashed[:4], "big") >> (32 - bits)
        assert (vector["sha256"], vector["entry"], vector["bucket"]) == (hashed.hex(), entry.hex(), bucket), vector
        buckets[bucket].append(entry)
    for bucket, vector in zip(buckets, vectors["buckets"]):
        data = b"".join(sorted(bucket))
        assert vector == {"bytes": data.hex(), "length": len(data), "digest": sha256(data)}, vector


def check_signed(whole):
    spki = base64.b64decode(whole["policyKey"], validate=True)
    assert whole["kid"] == sha256(spki)
    # The private key's form ends with the public key's coordinates.
    assert base64.b64decode(whole["policyKeyPkcs8"], validate=True)[-64:] == spki[-64:]
    key = private(base64.b64decode(whole["policyKeyPkcs8"]))
    x, y = times(key, G)
    assert x.to_bytes(32, "big") + y.to_bytes(32, "big") == spki[-64:]
    for vector in whole["signed"]:
        header, payload, signature = vector["jws"].split(".")
        assert json.loads(decode(header)) == {"alg": "ES256", "kid": whole["kid"]}, vector["kind"]
        assert decode(payload).decode() == vector["payload"], vector["kind"]
        assert json.loads(vector["payload"])["kind"] == vector["kind"], vector["kind"]
        assert verifies(spki, f"{header}.{payload}".encode(), decode(signature)), vector["kind"]


def private(pkcs8):
    """The key's number: PKCS#8 for P-256 has a head of fixed length (RFC 5208, RFC 5915)."""
    head = bytes.fromhex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420")
    assert pkcs8.startswith(head) and pkcs8[len(head) + 32 :][:5] == bytes.fromhex("a144034200"), "PKCS#8"
    return int.from_bytes(pkcs8[len(head) :][:32], "big")


def check_problems(vectors):
    for vector in vectors:
        assert set(vector) == {"type", "status", "title", "remedy"}, vector
        assert STATUS.get(vector["type"].removeprefix("urn:mtd-agent:problem:")) == vector["status"], vector
    assert len(vectors) == len(STATUS)


# The types of the contract and the status of each.
STATUS = {
    "credential-refused": 403,
    "credential-burnt": 403,
    "credential-expired": 403,
    "not-eligible": 403,
    "already-enrolled": 409,
    "request-invalid": 400,
    "certificate-required": 401,
    "revoked": 403,
    "report-invalid": 400,
    "chain-broken": 409,
    "throttled": 429,
    "too-large": 413,
    "unavailable": 503,
    "not-found": 404,
}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        whole = json.load(file)
    check_canonical(whole["canonical"])
    check_sets(whole["sets"])
    check_chain(whole["chain"])
    check_indicators(whole["indicators"])
    check_signed(whole)
    check_problems(whole["problems"])
    print(f"{sum(len(part) for part in whole.values())} values hold")


main()
