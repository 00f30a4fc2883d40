#!/usr/bin/env python3
"""Checks what Florin's audit log gives out, with nothing but Python's own libraries: no code of the bank is in it.

    audit_check.py proof FILE [--vkey VKEY]            a proof in JSON: entry, payload if it is there, path, signed head
    audit_check.py consistency FILE OLDER NEWER        a proof in JSON, and two signed heads
    audit_check.py segment FILE...                     segments of the vault, in their order
    audit_check.py head FILE --vkey VKEY               a signed head; with --segments FILE... also that it is theirs

Signatures are checked by the program `openssl`, when a verifier key is given. Formats: docs/audit.md.
"""
import argparse
import base64
import hashlib
import json
import struct
import subprocess
import sys
import tempfile


class Wrong(Exception):
    """What was given does not hold."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf_hash(entry):
    return sha256(b"\x00", entry)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def root_of(leaves):
    """RFC 9162, 2.1.1, with one stack instead of recursion."""
    if not leaves:
        return sha256()
    stack = []
    for count, leaf in enumerate(leaves, 1):
        stack.append(leaf)
        while count % 2 == 0:
            right, left = stack.pop(), stack.pop()
            stack.append(node_hash(left, right))
            count //= 2
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root


def require_included(index, size, leaf, path, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        raise Wrong("the index is not in the tree")
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Wrong("the proof is too long")
        if at % 2 == 1 or at == last:
            found = node_hash(sibling, found)
            while at % 2 == 0 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or found != root:
        raise Wrong("the proof does not lead to the root")


def require_consistent(first, first_root, second, second_root, path):
    """RFC 9162, 2.1.4.2."""
    if first == 0 or first > second:
        raise Wrong("no proof leads from the one size to the other")
    if first == second:
        if path or first_root != second_root:
            raise Wrong("two heads of one size differ")
        return
    path = list(path)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        raise Wrong("the proof is empty")
    at, last = first - 1, second - 1
    while at % 2 == 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Wrong("the proof is too long")
        if at % 2 == 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while at % 2 == 0 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or old != first_root or new != second_root:
        raise Wrong("the one log did not begin as the other")


def read_head(note, vkey=None):
    """A checkpoint: origin, size and root, signed by the key if one is given."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = text.split("\n")
    origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
    if vkey is not None:
        require_signed(text, signatures, origin, vkey)
    return size, root


def require_signed(text, signatures, origin, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    if key[:1] != b"\x01" or sha256(name.encode(), b"\n", key)[:4].hex() != key_id:
        raise Wrong("the verifier key is none")
    if name != origin:
        raise Wrong("the head is another log's")
    for line in signatures.rstrip("\n").split("\n"):
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if dash == "\u2014" and signer == name and signature[:4].hex() == key_id:
            # The public key as openssl reads it: SubjectPublicKeyInfo of RFC 8410.
            spki = bytes.fromhex("302a300506032b6570032100") + key[1:]
            with tempfile.NamedTemporaryFile() as file_of_key, tempfile.NamedTemporaryFile() as said, \
                    tempfile.NamedTemporaryFile() as signed:
                for file, content in [(file_of_key, spki), (said, text.encode()), (signed, signature[4:])]:
                    file.write(content)
                    file.flush()
                done = subprocess.run(
                    ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", file_of_key.name, "-rawin",
                     "-in", said.name, "-sigfile", signed.name], capture_output=True, check=False)
            if done.returncode != 0:
                raise Wrong("the signature does not hold")
            return
    raise Wrong("the head is not signed by this key")


def read_entry(entry):
    """An entry is JSON in one way of writing only."""
    said = json.loads(entry)
    if list(said) != ["v", "id", "at", "kind", "subject", "payload"] or said["v"] != 1:
        raise Wrong("the entry has other members")
    if json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode() != entry:
        raise Wrong("the entry is written in another way")
    return said


def check_proof(options):
    proof = json.load(open(options.file, encoding="utf-8"))
    entry = base64.b64decode(proof["entry"], validate=True)
    said = read_entry(entry)
    leaf = leaf_hash(entry)
    if leaf != base64.b64decode(proof["leafHash"]):
        raise Wrong("the entry is not that of the leaf")
    size, root = read_head(proof["checkpoint"], options.vkey)
    if size != proof["treeSize"]:
        raise Wrong("the head is of another size")
    require_included(proof["index"], size, leaf, [base64.b64decode(hash_) for hash_ in proof["proof"]], root)
    if proof["payload"] is not None:
        salted = sha256(base64.b64decode(proof["salt"]), proof["payload"].encode())
        if salted.hex() != said["payload"]:
            raise Wrong("the payload is not that of the entry")
    print(f"entry {proof['index']} of {size}: {said['kind']} {said['subject']} at {said['at']}"
          f"{'' if proof['payload'] is None else ', with its payload'}")


def check_consistency(options):
    proof = json.load(open(options.file, encoding="utf-8"))
    (first, first_root), (second, second_root) = (
        read_head(open(path, encoding="utf-8").read(), options.vkey) for path in (options.older, options.newer))
    if (first, second) != (proof["first"], proof["second"]):
        raise Wrong("the proof is of other sizes")
    require_consistent(first, first_root, second, second_root, [base64.b64decode(hash_) for hash_ in proof["proof"]])
    print(f"the log of {second} began as that of {first}")


def read_segments(paths):
    entries = []
    for path in paths:
        content, at = open(path, "rb").read(), 0
        while at < len(content):
            if at + 2 > len(content):
                raise Wrong(f"{path} ends in the middle of entry {len(entries)}")
            length, = struct.unpack_from(">H", content, at)
            entry = content[at + 2:at + 2 + length]
            if len(entry) < length:
                raise Wrong(f"{path} ends in the middle of entry {len(entries)}")
            read_entry(entry)
            entries.append(entry)
            at += 2 + length
    return entries


def check_segments(options):
    entries = read_segments(options.files)
    print(f"{len(entries)} entries, root {base64.b64encode(root_of([leaf_hash(entry) for entry in entries])).decode()}")


def check_head(options):
    size, root = read_head(open(options.file, encoding="utf-8").read(), options.vkey)
    if options.segments:
        entries = read_segments(options.segments)
        if len(entries) < size or root_of([leaf_hash(entry) for entry in entries[:size]]) != root:
            raise Wrong("the segments are not those of the head")
    print(f"a head of {size}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(required=True)
    for name, check in [("proof", check_proof), ("consistency", check_consistency), ("segment", check_segments),
                        ("head", check_head)]:
        kind = kinds.add_parser(name)
        kind.set_defaults(check=check)
        if name == "segment":
            kind.add_argument("files", nargs="+")
            continue
        kind.add_argument("file")
        if name == "consistency":
            kind.add_argument("older")
            kind.add_argument("newer")
        if name == "head":
            kind.add_argument("--segments", nargs="+")
        kind.add_argument("--vkey")
    options = parser.parse_args()
    try:
        options.check(options)
    except (Wrong, ValueError, KeyError) as wrong:
        print(f"WRONG: {wrong}")
        sys.exit(1)


if __name__ == "__main__":
    main()
